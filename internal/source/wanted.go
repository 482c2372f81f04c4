package source

import (
	"hash"
	"time"

	"understudy/internal/aws"
	"understudy/internal/credential"
)

// wanted is the session that a call asks for: that of a role, or one of the keys
// that sign.
type wanted interface {
	// identity writes what has an effect on what the session may do. It must never
	// change, as that of signer.
	identity(h hash.Hash)
	role() *aws.Role // nil for a session of keys
	duration() time.Duration
	// describe completes the plan.
	describe(p *credential.Plan)
	// explain replaces hints of which it knows more.
	explain(r *aws.Refusal)
}

// keySession is a session of long-lived keys: GetSessionToken.
type keySession struct{ lasts time.Duration }

func (s keySession) identity(h hash.Hash) { part(h, "session", s.lasts.String()) }

func (keySession) role() *aws.Role { return nil }

func (s keySession) duration() time.Duration { return s.lasts }

func (keySession) describe(*credential.Plan) {}

func (keySession) explain(*aws.Refusal) {}
