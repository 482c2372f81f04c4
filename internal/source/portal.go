package source

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/identitycenter"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// scopeOfAccounts is the default scope of a sign-in: sessions of permission sets.
const scopeOfAccounts = "sso:account:access"

// portal finds where p signs in: as the [sso-session] section that it names says,
// or its own keys.
func (b *builder) portal(p profile) (identitycenter.Place, error) {
	place := identitycenter.Place{Scopes: []string{scopeOfAccounts}}
	get, at, kind, name := p.value, p.At(), "profile", p.name
	if v, ok := p.value("sso_session"); ok {
		section, err := b.ssoSession(p, v)
		if err != nil {
			return place, err
		}
		get, at, kind, name = section.value, section.At(), "sso-session", section.Name
		place.Session = section.Name
		if scopes, ok := get("sso_registration_scopes"); ok {
			if place.Scopes, err = parseScopes(scopes); err != nil {
				return place, err
			}
		}
	}
	start, ok := get("sso_start_url")
	if !ok {
		return place, missingKey(at, kind, name, "sso_start_url", "write sso_start_url = https://….awsapps.com/start, as the portal's page has it")
	}
	if problem := startProblem(start.Text); problem != "" {
		return place, badValue(start, problem, "write the address of the portal: https://….awsapps.com/start")
	}
	region, ok := get("sso_region")
	if !ok {
		return place, missingKey(at, kind, name, "sso_region", "write sso_region = and the region of Identity Center, which need not be the role's")
	}
	if !isRegion(region.Text) {
		return place, badValue(region, fmt.Sprintf("= %q is not the name of a region", brief(region.Text)), regionRule)
	}
	place.StartURL, place.Region = start.Text, region.Text
	return b.services(p, place)
}

// ssoSection is a section in which an empty value is a missing one.
type ssoSection struct{ *awsconfig.Section }

func (s ssoSection) value(key string) (awsconfig.Value, bool) {
	v, ok := s.Get(key)
	return v, ok && v.Text != ""
}

// ssoSession returns the section that v names. As in the AWS CLI, the profile may
// repeat its values but not change them.
func (b *builder) ssoSession(p profile, v awsconfig.Value) (ssoSection, error) {
	found, ok := b.cfg.SSOSession(v.Text)
	if !ok {
		hint := fmt.Sprintf("write a section [sso-session %s] with sso_start_url and sso_region", brief(v.Text))
		if near := awsconfig.Nearest(v.Text, b.cfg.SSOSessions()); len(near) > 0 {
			hint = "did you mean " + quoteAll(near) + "?"
		}
		return ssoSection{}, badValue(v, fmt.Sprintf("names the section [sso-session %s], which there is not", brief(v.Text)), hint)
	}
	section := ssoSection{found}
	for _, key := range []string{"sso_start_url", "sso_region"} {
		own, ok := p.value(key)
		if its, has := section.value(key); ok && has && own.Text != its.Text {
			return section, badValue(own, "is another than at "+its.At(), "take the line out: the [sso-session] section says it")
		}
	}
	return section, nil
}

// parseScopes reads scopes with commas between.
func parseScopes(v awsconfig.Value) ([]string, error) {
	var scopes []string
	for s := range strings.SplitSeq(v.Text, ",") {
		s = strings.TrimSpace(s)
		switch {
		case s == "":
			continue
		case strings.ContainsFunc(s, notVisible) || len(s) > 128 || len(scopes) == 32:
			return nil, badValue(v, "is not a list of scopes", "write them with commas between, as in "+scopeOfAccounts)
		}
		scopes = append(scopes, s)
	}
	if len(scopes) == 0 {
		return nil, badValue(v, "names no scope", "write "+scopeOfAccounts+", or take the line out")
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// startProblem says why a text cannot be a portal's address; empty if it can.
func startProblem(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "" || u.User != nil || strings.ContainsFunc(text, notVisible):
		return "is not the address of a portal"
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return ""
	}
	return "is not an https address"
}

// services finds the endpoints of the two services of a portal.
func (b *builder) services(p profile, place identitycenter.Place) (identitycenter.Place, error) {
	e := aws.Endpoint{Region: place.Region}
	var err error
	if e.FIPS, err = boolean(p, "use_fips_endpoint"); err != nil {
		return place, err
	}
	if e.DualStack, err = boolean(p, "use_dualstack_endpoint"); err != nil {
		return place, err
	}
	bundle, err := b.bundle(p)
	if err != nil {
		return place, err
	}
	oidc, portal := e, e
	if oidc.URL, err = b.endpointURL(p, "sso_oidc"); err != nil {
		return place, err
	}
	if portal.URL, err = b.endpointURL(p, "sso"); err != nil {
		return place, err
	}
	if place.OIDC, err = oidc.ResolveOIDC(); err != nil {
		return place, unresolved(p, place.Region, err)
	}
	if place.Portal, err = portal.ResolvePortal(); err != nil {
		return place, unresolved(p, place.Region, err)
	}
	place.Call = b.r.aws.IdentityCenter(bundle)
	return place, nil
}

// missingKey is the Failure of a section without a required key.
func missingKey(at, kind, name, key, hint string) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean(fmt.Sprintf("%s: %s %q: missing %s", at, kind, name, key)),
		Hint:   hint,
	}
}
