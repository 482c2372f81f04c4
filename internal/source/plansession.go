package source

import (
	"context"
	"hash"

	"understudy/internal/aws"
	"understudy/internal/credential"
)

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
