package source

import (
	"context"
	"errors"
	"time"

	"understudy/internal/aws"
	"understudy/internal/credential"
)

// call is the call of STS that gets the session of one plan. It does not change
// once made.
type call struct {
	r      *Resolver
	to     aws.Endpoint
	signer signer
	op     operation
	what   string // what the call does, for messages: assume role "arn:..."
	at     string // file:line of the profile's header
	id     string // of the plan; empty without one
}

// plan makes the plan of a profile from its call. description is its Source.
func (c *call) plan(profile, description string) *credential.Plan {
	c.id = c.identity()
	p := &credential.Plan{ID: c.id, Profile: profile, Issuer: c.to.Resolved, Source: description, Fetch: c.fetch}
	c.signer.describe(p)
	c.op.describe(p)
	return p
}

// fetch is a plan's Fetch. It makes one call, and a second one at once if the response
// to the first shows how to fix it: the clock is off, which the SDK corrects when it
// signs, or the role does not allow so long a session. Both are remembered.
func (c *call) fetch(ctx context.Context, base credential.Session) (credential.Session, error) {
	sts, err := c.r.aws.STS(c.to)
	if err != nil {
		return credential.Session{}, err
	}
	s, err := c.signer.fetch(ctx, &attempt{call: c, sts: sts}, base)
	return s, withoutCode(err)
}

// attempt is one fetch of a call.
type attempt struct {
	*call
	sts *aws.STS
}

// try makes the call, and again if the role allows shorter sessions only. Both calls
// share one aws.Limit.
func (a *attempt) try(ctx context.Context, auth aws.Auth) (credential.Session, error) {
	ctx, cancel := aws.WithLimit(ctx)
	defer cancel()
	s, err := a.once(ctx, auth)
	if a.shorten(err) {
		s, err = a.once(ctx, auth)
	}
	return s, err
}

// once makes the call once. An error response of STS is an *aws.Refusal.
func (a *attempt) once(ctx context.Context, auth aws.Auth) (credential.Session, error) {
	s, err := a.sts.Session(ctx, aws.Request{
		Purpose: aws.Purpose{What: a.what, Owner: a.signer.owner(), At: a.at},
		Auth:    auth, Role: a.op.role(), Duration: a.duration(),
	})
	if r, ok := errors.AsType[*aws.Refusal](err); ok {
		a.op.explain(r)
		a.signer.explain(r)
	}
	return s, err
}

// duration is the duration to request.
func (c *call) duration() time.Duration {
	if c.r.shortRoles.has(c.id) {
		return min(c.op.duration(), roleSessionDefault)
	}
	return c.op.duration()
}

// shorten reports whether STS rejected a duration that can be shortened, and
// remembers it for the next calls of the plan.
func (c *call) shorten(err error) bool {
	r, ok := errors.AsType[*aws.Refusal](err)
	long := c.duration()
	role := c.op.role()
	if !ok || !r.TooLong() || role == nil || long <= roleSessionDefault {
		return false
	}
	c.r.shortRoles.add(c.id)
	c.r.Log.Warn("the role allows no session as long as the profile asks for; asking for an hour",
		"role_arn", role.ARN, "duration_seconds", int(long.Seconds()))
	return true
}

// withoutCode returns the plain Failure of an *aws.Refusal: other packages do not need
// its error code.
func withoutCode(err error) error {
	if r, ok := errors.AsType[*aws.Refusal](err); ok {
		return r.Failure
	}
	return err
}
