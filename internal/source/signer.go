package source

import (
	"context"
	"hash"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// signer is one way to authenticate a call of STS. Each way is a type in a file
// of its own:
//
//   - staticKeys: keys of a profile in a file
//   - keychainKeys: keys of a profile in the keychain
//   - givenKeys: keys of the caller's environment, or printed by a program
//   - planSession: the session of another plan
//   - deviceCode: keys, and a code of an MFA device
//   - bearer: a web identity token or a SAML assertion instead of a signature
type signer interface {
	// identity writes to h what tells this signer from others, and the endpoint.
	// What it writes must never change: session IDs are made from it.
	identity(h hash.Hash, to aws.Endpoint)
	// describe completes the plan: its Base if a session signs, and whether its
	// Fetch runs a command or asks the user.
	describe(p *credential.Plan)
	// fetch makes the call: it gets the credentials, and passes them to a.try or
	// a.once. base is a session of the plan's Base.
	fetch(ctx context.Context, a *attempt, base credential.Session) (credential.Session, error)
	// owner names the owner of the credentials in messages: profile "dev".
	owner() string
	// explain replaces the hint, or all, of a refusal that this signer knows more
	// about.
	explain(r *aws.Refusal)
}

// keySource is a signer with keys of its own. They may have an MFA device.
type keySource interface {
	signer
	keys(ctx context.Context) (aws.Keys, error)
}

// signing is a signer, and what its place in the configuration says about it.
type signing struct {
	signer
	profile     string          // of the keys or the plan
	description string          // for a plan's Source: keys of base
	region      awsconfig.Value // of the profile or of its base; zero if none names one
	temporary   bool            // STS limits what it signs to an hour
}

// staticKeys are the keys of a profile in a file.
type staticKeys struct {
	profile string
	pair    aws.Keys
}

func (k staticKeys) identity(h hash.Hash, to aws.Endpoint) {
	part(h, "keys", k.pair.AccessKeyID)
	endpointPart(h, to)
}

func (staticKeys) describe(*credential.Plan) {}

func (k staticKeys) keys(context.Context) (aws.Keys, error) { return k.pair, nil }

func (k staticKeys) fetch(ctx context.Context, a *attempt, _ credential.Session) (credential.Session, error) {
	return a.try(ctx, aws.Signed{Keys: k.pair})
}

func (k staticKeys) owner() string { return quoteProfile(k.profile) }

func (k staticKeys) explain(r *aws.Refusal) {
	switch {
	case r.Kind != aws.InvalidKey:
	case k.pair.Temporary():
		r.Hint = endedKeys(k.owner())
	case r.Code != unknownKeyCode:
		r.Hint = "write a valid access key into " + k.owner() + ": aws configure --profile " + k.profile
	}
}

// givenKeys are keys that no profile has: those of the caller's environment, or
// those that a program printed.
type givenKeys struct {
	from string // for messages: the caller's environment
	pair aws.Keys
}

func (k givenKeys) identity(h hash.Hash, to aws.Endpoint) { staticKeys{pair: k.pair}.identity(h, to) }

func (givenKeys) describe(*credential.Plan) {}

func (k givenKeys) keys(context.Context) (aws.Keys, error) { return k.pair, nil }

func (k givenKeys) fetch(ctx context.Context, a *attempt, _ credential.Session) (credential.Session, error) {
	return a.try(ctx, aws.Signed{Keys: k.pair})
}

func (k givenKeys) owner() string { return k.from }

func (k givenKeys) explain(r *aws.Refusal) {
	if r.Kind == aws.InvalidKey && k.pair.Temporary() {
		r.Hint = endedKeys(k.from)
	}
}

// planSession is the session of another plan.
type planSession struct {
	profile string // of the plan
	plan    *credential.Plan
}

func (s planSession) identity(h hash.Hash, to aws.Endpoint) {
	part(h, "base", s.plan.ID)
	endpointPart(h, to)
}

func (s planSession) describe(p *credential.Plan) { p.Base = s.plan }

func (s planSession) fetch(ctx context.Context, a *attempt, base credential.Session) (credential.Session, error) {
	return a.try(ctx, aws.Signed{Keys: aws.SessionKeys(base)})
}

func (s planSession) owner() string { return quoteProfile(s.profile) }

func (s planSession) explain(r *aws.Refusal) {
	if r.Kind == aws.InvalidKey {
		r.Hint = "the session of " + s.owner() + " has ended or was revoked; a new one is fetched with the next call"
	}
}

// unknownKeyCode is how AWS answers an access key that is deleted, inactive or of
// another partition.
const unknownKeyCode = "InvalidClientTokenId"

func endedKeys(owner string) string {
	return "the temporary keys of " + owner + " have ended; write new ones"
}
