package source

import (
	"errors"
	"net/netip"
	"net/url"
	"os"
	"slices"

	"understudy/internal/credential"
)

// Container is the address and the token of the agent that serves the credentials of
// a container's role, from the environment of the container.
type Container struct {
	RelativeURI string            // path at the agent of ECS
	FullURI     string            // instead of RelativeURI
	Token       credential.Secret // for the Authorization header; empty for none
	TokenFile   string            // instead of Token; read again for each request
}

// The program that starts the daemon sets these to the values of the container's
// variables, which have the prefix AWS_ instead. They describe the container, not a
// caller.
const (
	envRelativeURI = "UNDERSTUDY_CONTAINER_CREDENTIALS_RELATIVE_URI"
	envFullURI     = "UNDERSTUDY_CONTAINER_CREDENTIALS_FULL_URI"
	envToken       = "UNDERSTUDY_CONTAINER_AUTHORIZATION_TOKEN"
	envTokenFile   = "UNDERSTUDY_CONTAINER_AUTHORIZATION_TOKEN_FILE"
)

// TakeContainer reads these variables and unsets them, so that the commands that
// the daemon runs do not get them.
func TakeContainer() Container {
	c := Container{
		RelativeURI: os.Getenv(envRelativeURI), FullURI: os.Getenv(envFullURI),
		Token: credential.NewSecret(os.Getenv(envToken)), TokenFile: os.Getenv(envTokenFile),
	}
	for _, name := range []string{envRelativeURI, envFullURI, envToken, envTokenFile} {
		os.Unsetenv(name) // fails only for invalid names
	}
	return c
}

const agentHost = "169.254.170.2" // of ECS

// url returns the URL of the credentials; empty if the container has no role. As
// in the SDKs, plain HTTP is for this machine and the agents of ECS and EKS.
func (c Container) url() (string, error) {
	text, hosts := c.FullURI, []string{agentHost, "169.254.170.23", "fd00:ec2::23"}
	if c.RelativeURI != "" {
		text, hosts = "http://"+agentHost+c.RelativeURI, []string{agentHost}
	}
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil:
		return "", errors.New("it is not a URL with a host")
	case c.RelativeURI != "" && u.Host != agentHost:
		return "", errors.New("it is no path")
	case u.Scheme == "https", u.Scheme == "http" && (isLoopback(u.Hostname()) || isHost(u.Hostname(), hosts)):
		return text, nil
	}
	return "", errors.New("credentials would come unencrypted from another machine")
}

func isHost(host string, known []string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && slices.Contains(known, ip.String())
}
