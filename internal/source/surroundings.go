package source

import (
	"fmt"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// signerKey is the key that says what signs for p. The SDKs refuse a profile
// with both; here one with our prefix goes before one without, which is the
// SDKs'.
func signerKey(p profile) (awsconfig.Value, bool, error) {
	from, isFrom := p.value("source_profile")
	named, isNamed := p.value("credential_source")
	switch {
	case isFrom && isNamed && prefixed(from) == prefixed(named):
		return named, true, wrong(named, "stands beside source_profile", "keep one of the two")
	case isNamed && (!isFrom || prefixed(named)):
		return named, true, nil
	}
	return from, isFrom, nil
}

// surroundings finds what signs for p where that is not in any profile but
// around the program: its environment, the instance or the container it runs in.
func (b *builder) surroundings(p profile, v awsconfig.Value) (signer, error) {
	switch v.Text {
	case "Environment":
		return b.environment(p, v)
	case "Ec2InstanceMetadata":
		plan, err := b.instance(p)
		return signer{plan: plan, profile: p.name, phrase: "role of this instance", temporary: true}, err
	case "EcsContainer":
		plan, err := b.container(p, v)
		return signer{plan: plan, profile: p.name, phrase: "role of this container", temporary: true}, err
	}
	return signer{}, wrong(v, fmt.Sprintf("= %q", brief(v.Text)), "write Environment, Ec2InstanceMetadata or EcsContainer")
}

// environment has the caller's own credentials sign.
func (b *builder) environment(p profile, v awsconfig.Value) (signer, error) {
	if b.env == nil {
		return signer{}, credential.ErrWantsEnvironment
	}
	keys := awsconfig.StaticKeys{
		AccessKeyID: b.env.AccessKeyID, SecretAccessKey: b.env.SecretAccessKey, SessionToken: b.env.SessionToken, At: v.At(),
	}
	if problem := unfit(keys); problem != "" {
		return signer{}, &credential.Failure{
			Code:   wire.BadConfig,
			Reason: "the caller's environment holds no key of AWS: " + problem,
			Hint:   "look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN where the program runs",
		}
	}
	return signer{
		keys: keys, profile: p.name, owner: "the caller's environment", phrase: "keys of the caller's environment",
		temporary: !keys.SessionToken.Empty(),
	}, nil
}
