package source

import (
	"fmt"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// chainedLimit is the longest session STS gives to a caller that signs with a
// role's session or any other temporary credentials.
const chainedLimit = time.Hour

// role makes the plan of a profile with role_arn: AssumeRole, signed by what
// its source_profile gives.
func role(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	arn, err := parseRoleARN(by)
	if err != nil {
		return nil, err
	}
	ask, err := b.request(p, arn)
	if err != nil {
		return nil, err
	}
	s, err := b.signer(p)
	if err != nil {
		return nil, err
	}
	s, d, err := b.withDevice(p, s, arn.partition)
	if err != nil {
		return nil, err
	}
	to, err := b.site(p, s.region, arn.partition)
	if err != nil {
		return nil, err
	}
	if s.temporary && ask.duration > chainedLimit {
		b.r.said.once("clamped "+p.name+" "+ask.duration.String(), func() {
			b.r.Log.Warn("a chained session lasts an hour at most; asking for that",
				"profile", p.name, "duration_seconds", int(ask.duration.Seconds()))
		})
		ask.duration = chainedLimit
	}
	c := &call{r: b.r, to: to, signer: s, what: fmt.Sprintf("assume role %q", arn.text), at: p.At(), role: ask, device: d}
	return c.asPlan(p.name, "role via "+s.phrase), nil
}

// signer is what signs a call: the session of another plan, or keys of the
// configuration.
type signer struct {
	plan      *credential.Plan // nil for keys
	keys      awsconfig.StaticKeys
	profile   string          // whose keys or plan it is
	owner     string          // for people, where the keys are not that profile's own; else empty
	kept      bool            // the keys are in the keychain, and read when they are to sign
	mark      string          // stands for the key there
	phrase    string          // for people: "keys of base"
	region    awsconfig.Value // of the profile or of what it stands on; zero when none says
	temporary bool
}

// whose says for people whose keys they are.
func (s signer) whose() string {
	if s.owner != "" {
		return s.owner
	}
	return fmt.Sprintf("profile %q", s.profile)
}

// signer finds what signs for p, as its source_profile says. A profile may name
// itself, as in the SDKs: then its own keys sign.
func (b *builder) signer(p profile) (signer, error) {
	v, ok, err := signerKey(p)
	switch {
	case err != nil:
		return signer{}, err
	case !ok:
		return signer{}, b.missingSigner(p)
	case isKey(v, "credential_source"):
		return b.surroundings(p, v)
	}
	if v.Text == p.name {
		s, ok, err := b.keysOf(p)
		if err != nil || ok {
			return s, err
		}
	}
	if loop := b.loop(v.Text); loop != "" {
		return signer{}, wrong(v, "makes a loop: "+loop, "let source_profile of one of them name a profile with keys")
	}
	section, ok := b.cfg.Profile(v.Text)
	if !ok {
		return signer{}, b.unknownSource(v)
	}
	base := profile{Profile: section, name: v.Text}
	if err := checkKeys(base); err != nil {
		return signer{}, err
	}
	if !base.givesSession() {
		s, ok, err := b.keysOf(base)
		if err != nil || ok {
			return s, err
		}
	}
	plan, err := b.plan(base.name)
	if err != nil {
		return signer{}, err
	}
	phrase := "session of " + base.name
	if plan.RoleARN != "" {
		phrase = "role of " + base.name
	}
	return signer{
		plan: plan, profile: base.name, phrase: phrase,
		region: b.regionBelow(base), temporary: true,
	}, nil
}

// givesSession reports whether a profile named by source_profile gives a
// session that goes before the keys it may hold. An mfa_serial beside keys does
// not: it goes with the call that the keys sign.
func (p profile) givesSession() bool {
	_, ok := p.source("role_arn", "web_identity_token_file", "web_identity_token_process", "saml_process",
		"sso_session", "sso_start_url", "sso_account_id", "sso_role_name")
	return ok
}

func (b *builder) unknownSource(v awsconfig.Value) error {
	hint := "name a profile of the configuration"
	if near := b.cfg.Nearest(v.Text); len(near) > 0 {
		hint = "did you mean " + quoteAll(near) + "?"
	}
	return wrong(v, fmt.Sprintf("names the profile %q, which there is not", v.Text), hint)
}

func (b *builder) missingSigner(p profile) error {
	f := &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean(fmt.Sprintf("%s: profile %q: role_arn without source_profile", p.At(), p.name)),
		Hint:   "write understudy_source_profile and the name of the profile whose keys sign for the role",
	}
	if _, ok, err := b.keysOf(p); ok || err != nil {
		f.Hint = "to sign with this profile's own keys write: understudy_source_profile = " + p.name
	}
	return f
}
