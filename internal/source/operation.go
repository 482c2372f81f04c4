package source

import (
	"hash"
	"time"

	"understudy/internal/aws"
	"understudy/internal/credential"
)

// operation is an operation of STS that gives a session: assumeRole or sessionToken.
type operation interface {
	// identity writes to h what has an effect on what the session may do. As in
	// signer, it must never change.
	identity(h hash.Hash)
	role() *aws.Role // nil for a session of keys
	duration() time.Duration
	// describe completes the plan: the role and its account.
	describe(p *credential.Plan)
	// explain replaces the hint of a refusal that the operation knows more about.
	explain(r *aws.Refusal)
}

// sessionToken is GetSessionToken: a session of the long-lived keys that sign.
type sessionToken struct{ length time.Duration }

func (s sessionToken) identity(h hash.Hash) { part(h, "session", s.length.String()) }

func (sessionToken) role() *aws.Role { return nil }

func (s sessionToken) duration() time.Duration { return s.length }

func (sessionToken) describe(*credential.Plan) {}

func (sessionToken) explain(*aws.Refusal) {}
