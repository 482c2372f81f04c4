package doctor

import (
	"errors"
	"fmt"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// planned is why no session can be had for a profile, whoever asks.
func planned(f *Facts, p profile, r *report) {
	name, ok := p.asks()
	if !ok {
		name = p.Name
	}
	if _, known := f.Config.Profile(name); !known {
		return // helperProfile has told
	}
	_, err := f.Plan(name)
	switch {
	case err == nil, errors.Is(err, credential.ErrWantsEnvironment):
	case f.concerns(p):
		r.refused(err, Error)
	case p.hasAny("role_arn"):
		r.refused(err, Warning)
	}
}

// concerns reports whether anybody relies on understudy for p.
func (f *Facts) concerns(p profile) bool {
	return p.adopted() || p.Name == f.Asked || p.instructs()
}

// instructs reports whether p says to understudy where a session comes from.
func (p profile) instructs() bool {
	for _, key := range []string{"role_arn", "web_identity_token_file", "web_identity_token_process", "saml_process",
		"sso_session", "sso_start_url", "sso_account_id", "login_session", "credential_process"} {
		if _, ok := p.prefixed(key); ok {
			return true
		}
	}
	return false
}

// notPluggedIn is about profiles that understudy could serve, and whose SDKs do
// not ask it.
func notPluggedIn(f *Facts, p profile, r *report) {
	if p.adopted() {
		return
	}
	file, line, _ := place(p.At() + ": ")
	adopt := run("understudy", "adopt", p.Name)
	if !awsconfig.OneWord(p.Name) { // adopt leaves it
		adopt = write("rename the profile to one word, then run understudy adopt with that")
	}
	if p.instructs() {
		if f.isSource(p.Name) {
			return // a step of a chain: nobody has to ask for it
		}
		r.in(file, line, Warning, "the profile has keys of understudy's and no credential_process", "no SDK asks understudy for it", adopt)
		return
	}
	plan, ok := f.planOf(p)
	if !ok || plan.RoleARN == "" && p.hasAny("aws_access_key_id", "understudy_keys") {
		return
	}
	r.in(file, line, Note, "the profile is not plugged in: "+plan.Source, "each program fetches a session of its own", adopt)
}

func (p profile) hasAny(keys ...string) bool {
	for _, key := range keys {
		if _, ok := p.plain(key); ok {
			return true
		}
	}
	return false
}

// isSource reports whether another profile names this one as what signs for it.
func (f *Facts) isSource(name string) bool {
	for _, other := range f.Config.Names() {
		p, ok := f.Config.Profile(other)
		if !ok || other == name {
			continue
		}
		if v, ok := p.Get("source_profile"); ok && v.Text == name {
			return true
		}
	}
	return false
}

func plainKeys(_ *Facts, p profile, r *report) {
	id, ok := p.plain("aws_access_key_id")
	if !ok {
		return
	}
	if _, temporary := p.plain("aws_session_token"); temporary {
		return
	}
	if _, whole := p.plain("aws_secret_access_key"); whole {
		r.at(id, Warning, "a long-lived key stands in plain text", "any program of yours, and any backup of this folder, may read and use it anywhere", run("understudy", "keys", "import", p.Name))
	}
}

// keptKeys is about keys that are said to be in the keychain.
func keptKeys(f *Facts, p profile, r *report) {
	v, ok := p.prefixed("keys")
	if !ok || f.Machine == nil {
		return
	}
	if err := f.Machine.Keychain.NoKeys[p.Name]; err != nil {
		failure := credential.AsFailure(err)
		r.at(v, Error, v.Key+" = "+v.Text+": "+failure.Reason, "nothing signs for the profile, nor for those that stand on it", hinted(failure.Hint))
	}
}

// mfaUnused is about a device that no session of p, or of what stands on it,
// asks for a code of.
func mfaUnused(f *Facts, p profile, r *report) {
	v, ok := p.Get("mfa_serial")
	if !ok || v.Text == "" {
		return
	}
	for _, name := range f.Config.Names() {
		plan, err := f.Plan(name)
		switch {
		case err == nil:
		case name == p.Name && !p.instructs() && !p.hasAny("role_arn", "aws_access_key_id", "understudy_keys", "sso_session", "sso_start_url", "credential_process"):
			continue // nothing is asked for with it
		case f.near(name, p.Name):
			return // planned tells; what it would ask for is not known
		default:
			continue
		}
		for _, about := range plan.About() {
			if strings.HasSuffix(about, " "+v.Text) { // "mfa SERIAL"
				return
			}
		}
	}
	r.at(v, Warning, v.Key+" is not used", "no code is asked for: what signs is another session, temporary keys, or nothing", write("take the line out, or write it into the profile whose long-lived keys sign"))
}

// near reports whether one of the two profiles is the other, or stands on it.
func (f *Facts) near(a, b string) bool {
	return a == b || on(f.Config, a, b) || on(f.Config, b, a)
}

// on reports whether the profile name stands on base, at any distance.
func on(c *awsconfig.Config, name, base string) bool {
	for range len(c.Names()) {
		p, ok := c.Profile(name)
		if !ok {
			return false
		}
		v, ok := p.Get("source_profile")
		if !ok || v.Text == name {
			return false
		}
		if name = v.Text; name == base {
			return true
		}
	}
	return false
}

// hour is the longest session that STS gives to another session, in seconds.
const hour = 3600

// oneHour is about a session that is asked for longer than STS gives.
func oneHour(f *Facts, p profile, r *report) {
	v, seconds, ok := p.duration()
	plan, planned := f.planOf(p)
	if !ok || !planned || seconds <= hour || plan.RoleARN == "" || plan.Base == nil {
		return
	}
	why := fmt.Sprintf("%s; STS gives what another session signs for one hour at most, and understudy asks for that", plan.Source)
	m := write("write 3600, or take the line out")
	if strings.HasPrefix(plan.Source, "role via MFA session") {
		m = write("write 3600, or have each session assumed with a code of its own: understudy_mfa_session = direct")
	}
	r.at(v, Warning, fmt.Sprintf("%s = %d is more than this role's session can be", v.Key, seconds), why, m)
}
