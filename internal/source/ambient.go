package source

import (
	"fmt"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// signerKey returns the key that names the credentials that sign for p: source_profile
// or credential_source. The SDKs reject a profile with both. Here one with our prefix
// overrides one without, which is for the SDKs.
func signerKey(p profile) (awsconfig.Value, bool, error) {
	from, hasFrom := p.value("source_profile")
	ambient, hasAmbient := p.value("credential_source")
	switch {
	case hasFrom && hasAmbient && prefixed(from) == prefixed(ambient):
		return ambient, true, badValue(ambient, "stands beside source_profile", "keep one of the two")
	case hasAmbient && (!hasFrom || prefixed(ambient)):
		return ambient, true, nil
	}
	return from, hasFrom, nil
}

// ambient finds the credentials for credential_source: those of the caller's
// environment, or of the instance or the container that the daemon runs in.
func (b *builder) ambient(p profile, v awsconfig.Value) (signing, error) {
	switch v.Text {
	case "Environment":
		return b.environment(p)
	case "Ec2InstanceMetadata":
		plan, err := b.instance(p)
		return signingSession(plan, p.name, "role of this instance", awsconfig.Value{}), err
	case "EcsContainer":
		plan, err := b.container(p, v)
		return signingSession(plan, p.name, "role of this container", awsconfig.Value{}), err
	}
	return signing{}, badValue(v, fmt.Sprintf("= %q", brief(v.Text)), "write Environment, Ec2InstanceMetadata or EcsContainer")
}

// environment returns a signing with the caller's own credentials.
func (b *builder) environment(p profile) (signing, error) {
	if b.env == nil {
		return signing{}, credential.ErrWantsEnvironment
	}
	own := givenKeys{from: "the caller's environment", pair: aws.Keys{
		AccessKeyID: b.env.AccessKeyID, SecretAccessKey: b.env.SecretAccessKey, SessionToken: b.env.SessionToken,
	}}
	if problem := own.pair.Invalid(); problem != "" {
		return signing{}, &credential.Failure{
			Code:   wire.BadConfig,
			Reason: "the caller's environment holds no key of AWS: " + problem,
			Hint:   "look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN where the program runs",
		}
	}
	return signing{signer: own, profile: p.name, description: "keys of " + own.from, temporary: own.pair.Temporary()}, nil
}
