package source

import (
	"errors"
	"net/netip"
	"net/url"
	"os"
	"slices"

	"understudy/internal/credential"
)

// Container is where a container's agent hands out the credentials of its role,
// as the container's environment says.
type Container struct {
	RelativeURI string            // below the agent of ECS
	FullURI     string            // in place of it
	Token       credential.Secret // shown to whoever is asked; empty for none
	TokenFile   string            // in place of it, read anew each time
}

// Whoever starts the daemon hands these over, each under its name with
// UNDERSTUDY_ for AWS_: they describe the container, not a caller.
const (
	envRelativeURI = "UNDERSTUDY_CONTAINER_CREDENTIALS_RELATIVE_URI"
	envFullURI     = "UNDERSTUDY_CONTAINER_CREDENTIALS_FULL_URI"
	envToken       = "UNDERSTUDY_CONTAINER_AUTHORIZATION_TOKEN"
	envTokenFile   = "UNDERSTUDY_CONTAINER_AUTHORIZATION_TOKEN_FILE"
)

// TakeContainer reads what the starter handed over, and takes it out of this
// process's environment: the commands that it runs have no use for it.
func TakeContainer() Container {
	c := Container{
		RelativeURI: os.Getenv(envRelativeURI), FullURI: os.Getenv(envFullURI),
		Token: credential.NewSecret(os.Getenv(envToken)), TokenFile: os.Getenv(envTokenFile),
	}
	for _, name := range []string{envRelativeURI, envFullURI, envToken, envTokenFile} {
		os.Unsetenv(name) // no name with an = in it, so nothing to go wrong
	}
	return c
}

const agent = "169.254.170.2" // of ECS

// url is whom to ask; empty where the container has no role. The SDKs allow
// plain http to this machine and to the agents of ECS and EKS.
func (c Container) url() (string, error) {
	text, hosts := c.FullURI, []string{agent, "169.254.170.23", "fd00:ec2::23"}
	if c.RelativeURI != "" {
		text, hosts = "http://"+agent+c.RelativeURI, []string{agent}
	}
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil:
		return "", errors.New("it is not a URL with a host")
	case c.RelativeURI != "" && u.Host != agent:
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
