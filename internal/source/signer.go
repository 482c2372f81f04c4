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
	// identity writes to h what distinguishes this signer from others, and the
	// endpoint. Its output must never change: session IDs are made from it.
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
	temporary   bool            // STS limits sessions that it signs to an hour
}
