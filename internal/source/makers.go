package source

import (
	"slices"
	"strings"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/stamp"
)

// maker makes the plans of one kind of source.
type maker struct {
	keys    []string // any of these in a profile selects the maker
	reads   string   // more keys that only this source reads, with spaces between
	ownKeys bool     // the source is the profile's own keys, which the sources before it override
	// plan makes the plan of p from the configuration alone. by is the value that
	// selected the maker.
	plan func(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error)
}

// makers is the table of sources in order of precedence: the first with a key in
// the profile makes the plan. The order is botocore's, in which a web identity
// overrides source_profile, and a role overrides the profile's own keys.
func makers() []maker {
	return []maker{
		{keys: []string{"web_identity_token_file", "web_identity_token_process"}, plan: webIdentity},
		{keys: []string{"saml_process"}, reads: "saml_provider_arn", plan: saml},
		{keys: []string{"role_arn"}, reads: "source_profile credential_source external_id mfa_session " + metadataKeys, plan: role},
		{keys: []string{"sso_session", "sso_start_url", "sso_account_id", "sso_role_name"}, reads: "sso_region", plan: identityCenter},
		{keys: []string{"keys"}, reads: "raw", ownKeys: true, plan: fromKeychain},
		{keys: []string{"aws_access_key_id", "aws_secret_access_key"}, ownKeys: true, plan: ownKeys},
		{keys: []string{"login_session"}, plan: login},
		{keys: []string{"credential_process"}, plan: credentialProcess},
	}
}

// profile is one section of the configuration with its name.
type profile struct {
	*awsconfig.Profile
	name string
	// fallback is a profile whose settings are used if this one has none, except for
	// its region; nil for most.
	fallback *awsconfig.Profile
}

// value returns the key's value. As in the SDKs, an empty value is a missing one.
func (p profile) value(key string) (awsconfig.Value, bool) {
	v, ok := p.Get(key)
	if (!ok || v.Text == "") && p.fallback != nil && key != "region" {
		v, ok = p.fallback.Get(key)
	}
	return v, ok && v.Text != ""
}

// source returns the first of keys that the profile has. One with our prefix
// overrides all without. A credential_process that is understudy's own is not a
// source: with it the SDKs ask us.
func (p profile) source(keys ...string) (first awsconfig.Value, found bool) {
	for _, k := range keys {
		v, ok := p.value(k)
		if !ok || k == "credential_process" && ourOwn(v.Text) {
			continue
		}
		if prefixed(v) {
			return v, true
		}
		if !found {
			first, found = v, true
		}
	}
	return first, found
}

// builder makes one plan and its bases.
type builder struct {
	r    *Resolver
	cfg  *awsconfig.Config
	env  *credential.Environment // the caller's own credentials; nil if not known yet
	path []string                // from the requested profile to the current one
	read []stamp.File            // the files outside the configuration that were read
	sts  []aws.Endpoint          // of the plans that were made, the profile's own last
}

// plan makes the plan of the profile with this name, which must exist.
func (b *builder) plan(name string) (*credential.Plan, error) {
	section, _ := b.cfg.Profile(name)
	p := profile{Profile: section, name: name}
	b.path = append(b.path, name)
	defer func() { b.path = b.path[:len(b.path)-1] }()
	if err := checkKeys(p); err != nil {
		return nil, err
	}
	for _, m := range makers() {
		if by, ok := p.source(m.keys...); ok {
			if _, err := raw(p, m.keys[0] == "keys"); err != nil {
				return nil, err
			}
			return m.plan(b, p, by)
		}
	}
	return nil, missingSource(p)
}

// loop returns the names of the loop that the profile called name would close,
// for messages; empty if it closes none.
func (b *builder) loop(name string) string {
	i := slices.Index(b.path, name)
	if i < 0 {
		return ""
	}
	return strings.Join(append(slices.Clone(b.path[i:]), name), " -> ")
}

// ourOwn reports whether the command line of a credential_process runs understudy
// itself, which would ask this daemon again.
func ourOwn(command string) bool {
	_, own := awsconfig.ParseOwn(command)
	return own
}
