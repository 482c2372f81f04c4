package source

import (
	"fmt"
	"net/url"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// endpoint returns the URL that the profile names, in AWS's order: for STS in
// its services section, then for everything. One with understudy's prefix is
// meant for us alone and goes before what is meant for every SDK. Last comes
// the daemon's setting.
func (b *builder) endpoint(p profile) (string, error) {
	if off, err := truth(p, "ignore_configured_endpoint_urls"); err != nil || off {
		return b.settings(err)
	}
	every, ok := p.value("endpoint_url")
	services, named := p.value("services")
	if named && !(ok && prefixed(every) && !prefixed(services)) {
		section, known := b.cfg.Services(services.Text)
		if !known {
			return "", wrong(services, fmt.Sprintf("names the section [services %s], which there is not", brief(services.Text)),
				"write the section, or take the line out")
		}
		if v, found := section.Nested("sts", "endpoint_url"); found && v.Text != "" {
			every, ok = v, true
		}
	}
	if !ok {
		return b.settings(nil)
	}
	if problem := checkURL(every.Text); problem != "" {
		return "", wrong(every, problem, urlRule)
	}
	return every.Text, nil
}

func (b *builder) settings(err error) (string, error) {
	if err != nil || b.r.EndpointURL == "" {
		return "", err
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

func prefixed(v awsconfig.Value) bool {
	return strings.HasPrefix(strings.ToLower(v.Key), awsconfig.Prefix)
}

const urlRule = "write https://HOST[:PORT]; http is for this machine alone, as in http://127.0.0.1:5000"

// checkURL returns what is the matter with an endpoint, or nothing. It does not
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
