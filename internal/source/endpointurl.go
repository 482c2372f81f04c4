package source

import (
	"fmt"
	"net/url"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// stsURL returns the URL of STS for p: its own, else that of the daemon's
// settings. Empty means AWS's own.
func (b *builder) stsURL(p profile) (string, error) {
	if text, err := b.endpointURL(p, "sts"); err != nil || text != "" {
		return text, err
	}
	return b.settingsURL()
}

// endpointURL returns the URL that the profile names for a service, in AWS's
// order: that of the service in its services section, then that for all services.
// One with understudy's prefix is for us alone, and overrides those for all SDKs.
func (b *builder) endpointURL(p profile, service string) (string, error) {
	if off, err := boolean(p, "ignore_configured_endpoint_urls"); err != nil || off {
		return "", err
	}
	every, ok := p.value("endpoint_url")
	services, named := p.value("services")
	if named && !(ok && prefixed(every) && !prefixed(services)) {
		section, known := b.cfg.Services(services.Text)
		if !known {
			return "", badValue(services, fmt.Sprintf("names the section [services %s], which there is not", brief(services.Text)),
				"write the section, or take the line out")
		}
		if v, found := section.Nested(service, "endpoint_url"); found && v.Text != "" {
			every, ok = v, true
		}
	}
	if !ok {
		return "", nil
	}
	if problem := checkURL(every.Text); problem != "" {
		return "", badValue(every, problem, urlRule)
	}
	return every.Text, nil
}

// settingsURL returns the URL of the daemon's settings.
func (b *builder) settingsURL() (string, error) {
	if b.r.EndpointURL == "" {
		return "", nil
	}
	if problem := checkURL(b.r.EndpointURL); problem != "" {
		return "", &credential.Failure{
			Code:   wire.BadConfig,
			Reason: "the daemon's settings: sts_endpoint_url " + problem,
			Hint:   urlRule,
		}
	}
	return b.r.EndpointURL, nil
}

// prefixed reports whether the key has understudy's prefix.
func prefixed(v awsconfig.Value) bool {
	return strings.HasPrefix(strings.ToLower(v.Key), awsconfig.Prefix)
}

const urlRule = "write https://HOST[:PORT]; http is for this machine alone, as in http://127.0.0.1:5000"

// checkURL says why a URL cannot be an endpoint; empty if it can. It does not
// repeat the text, which may hold a password.
func checkURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return "is not a URL with a host"
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "has more than a host, a port and a path"
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return ""
	case u.Scheme == "http":
		return "would send what is signed unencrypted to another machine"
	}
	return "is neither https nor http"
}
