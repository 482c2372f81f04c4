package source

import (
	"slices"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// maker makes plans from one kind of source.
type maker struct {
	keys []string // any of these in a profile selects it
	plan func(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error)
}

// makers is the table of sources in order of precedence: the first whose key
// the profile holds makes the plan. It follows botocore, where a web identity
// goes before source_profile and a role before the profile's own keys.
func makers() []maker {
	return []maker{
		{keys: []string{"web_identity_token_file", "web_identity_token_process"}, plan: webIdentity},
		{keys: []string{"saml_process"}, plan: saml},
		{keys: []string{"role_arn"}, plan: role},
		{keys: []string{"sso_session", "sso_start_url", "sso_account_id", "sso_role_name"}, plan: identityCenter},
		{keys: []string{"keys"}, plan: keychainKeys},
		{keys: []string{"aws_access_key_id", "aws_secret_access_key"}, plan: ownKeys},
		{keys: []string{"login_session"}, plan: login},
		{keys: []string{"credential_process"}, plan: printed},
	}
}

// profile is one section of the configuration with its name.
type profile struct {
	*awsconfig.Profile
	name string
	// behind is the profile whose settings count where this one has none, but
	// for its region; nil for most.
	behind *awsconfig.Profile
}

// value returns the key's value; one that is left empty counts as missing, as
// the SDKs have it.
func (p profile) value(key string) (awsconfig.Value, bool) {
	v, ok := p.Get(key)
	if (!ok || v.Text == "") && p.behind != nil && key != "region" {
		v, ok = p.behind.Get(key)
	}
	return v, ok && v.Text != ""
}

// source returns the first of keys that the profile holds, one with our prefix
// before all without. A credential_process that is understudy's own is not a
// source: it is how SDKs reach us.
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

// builder makes one plan and those it stands on.
type builder struct {
	r    *Resolver
	cfg  *awsconfig.Config
	env  *credential.Environment // the caller's own credentials; nil until it was asked
	path []string                // from the profile asked for to the one at hand
	read []stamp                 // the files outside the configuration that were read
	asks []site                  // the STSs of the plans that were made, the profile's own last
}

// plan makes the plan for the profile of that name, which exists.
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

// loop returns the names of a loop that going on to name would close, joined
// for people; empty when it closes none.
func (b *builder) loop(name string) string {
	i := slices.Index(b.path, name)
	if i < 0 {
		return ""
	}
	return strings.Join(append(slices.Clone(b.path[i:]), name), " -> ")
}

// ourOwn reports whether the command line of a credential_process runs
// understudy itself, which would only ask the daemon that is asking.
func ourOwn(command string) bool {
	_, own := awsconfig.ParseOwn(command)
	return own
}
