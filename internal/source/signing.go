package source

import (
	"fmt"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// signing finds the signer for the role of p, from its source_profile or
// credential_source. As in the SDKs, a profile may name itself: then its own keys
// sign.
func (b *builder) signing(p profile) (signing, error) {
	v, ok, err := signerKey(p)
	switch {
	case err != nil:
		return signing{}, err
	case !ok:
		return signing{}, b.missingSigner(p)
	case isKey(v, "credential_source"):
		return b.ambient(p, v)
	}
	if v.Text == p.name {
		s, ok, err := b.keysOf(p)
		if err != nil || ok {
			return s, err
		}
	}
	if loop := b.loop(v.Text); loop != "" {
		return signing{}, badValue(v, "makes a loop: "+loop, "let source_profile of one of them name a profile with keys")
	}
	section, ok := b.cfg.Profile(v.Text)
	if !ok {
		return signing{}, b.unknownSource(v)
	}
	base := profile{Profile: section, name: v.Text}
	if err := checkKeys(base); err != nil {
		return signing{}, err
	}
	if !base.givesSession() {
		s, ok, err := b.keysOf(base)
		if err != nil || ok {
			return s, err
		}
	}
	plan, err := b.plan(base.name)
	if err != nil {
		return signing{}, err
	}
	description := "session of " + base.name
	if plan.RoleARN != "" {
		description = "role of " + base.name
	}
	return signingSession(plan, base.name, description, b.regionOf(base)), nil
}

// signingSession returns a signing with the session of a plan.
func signingSession(plan *credential.Plan, profile, description string, region awsconfig.Value) signing {
	return signing{
		signer: planSession{profile: profile, plan: plan}, profile: profile, description: description, region: region, temporary: true,
	}
}

// givesSession reports whether a profile that source_profile names has a source that
// overrides its own keys. mfa_serial next to keys is not a source: the code is sent
// with the call that the keys sign.
func (p profile) givesSession() bool {
	for _, m := range makers() {
		if m.ownKeys {
			break
		}
		if _, ok := p.source(m.keys...); ok {
			return true
		}
	}
	return false
}

// keysOf returns the profile's own keys: those in the keychain override those in
// a file.
func (b *builder) keysOf(p profile) (signing, bool, error) {
	if k, ok, err := b.inKeychain(p); ok || err != nil {
		return k.signing(p), ok, err
	}
	keys, ok, err := p.Keys()
	if err != nil || !ok {
		return signing{}, false, err
	}
	if !aws.IsKeyID(keys.AccessKeyID) || aws.HasInvisible(keys.SessionToken) {
		return signing{}, false, &credential.Failure{
			Code:   wire.BadConfig,
			Reason: text.Clean(fmt.Sprintf("%s: profile %q: the key has characters that no key of AWS has", keys.At, p.name)),
			Hint:   "an access key ID is letters and digits, as in AKIAIOSFODNN7EXAMPLE; write the key anew: aws configure --profile " + p.name,
		}
	}
	region, _ := p.value("region")
	own := staticKeys{profile: p.name, pair: pairOf(keys)}
	return signing{signer: own, profile: p.name, description: "keys of " + p.name, region: region, temporary: own.pair.Temporary()}, true, nil
}

// pairOf returns the keys of a profile without their place.
func pairOf(k awsconfig.StaticKeys) aws.Keys {
	return aws.Keys{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken}
}

func (b *builder) unknownSource(v awsconfig.Value) error {
	hint := "name a profile of the configuration"
	if near := b.cfg.Nearest(v.Text); len(near) > 0 {
		hint = "did you mean " + quoteAll(near) + "?"
	}
	return badValue(v, fmt.Sprintf("names the profile %q, which there is not", v.Text), hint)
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
