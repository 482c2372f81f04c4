// Package policy decides whether a caller may have a session now, and keeps the
// access log. The broker asks it at every request for a session, whichever front
// end that came through, so it is the one place for rules such as a lock, an
// approval or an endpoint's limits.
package policy

import (
	"context"
	"time"

	"understudy/daemon/session"
	"understudy/internal/credential"
	"understudy/internal/status"
	"understudy/internal/text"
)

// Rule returns an error if it forbids that c has p's session now. It may wait for the
// user until ctx ends. Its error is or wraps a *credential.Failure.
type Rule func(ctx context.Context, c session.Caller, p *credential.Plan) error

// Config says what a Policy works with.
type Config struct {
	Rules []Rule           // asked in this order; the first error decides
	Log   *AccessLog       // nil means no access log
	Now   func() time.Time // nil means time.Now
}

// Policy implements session.Policy. Its methods may be called from any goroutine.
type Policy struct {
	cfg      Config
	programs programs
}

// New returns a Policy.
func New(cfg Config) *Policy {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Policy{cfg: cfg}
}

// Check asks the rules. It returns c with the program that ran the helper, if a rule
// or the access log needs it.
func (p *Policy) Check(ctx context.Context, c session.Caller, plan *credential.Plan) (session.Caller, error) {
	c = p.identify(c)
	for _, rule := range p.cfg.Rules {
		if err := rule(ctx, c, plan); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Record writes one line of the access log.
func (p *Policy) Record(c session.Caller, profile string, plan *credential.Plan, err error) {
	if p.cfg.Log == nil {
		return
	}
	c = p.identify(c)
	line := status.Access{
		At: status.Time{Time: p.cfg.Now()}, Profile: text.Line(profile), Result: "ok",
		PID: c.Peer.PID, By: c.Program, ByPID: c.ProgramPID,
	}
	if plan != nil {
		line.RoleARN = plan.RoleARN
	}
	if err != nil {
		line.Result = credential.AsFailure(err).Code
	}
	p.cfg.Log.add(line)
}

// identify finds the program that ran the helper. It must be called while the helper
// waits for its answer: after the helper has ended, its parent cannot be found.
func (p *Policy) identify(c session.Caller) session.Caller {
	if c.ProgramPID == 0 && (p.cfg.Log != nil || len(p.cfg.Rules) > 0) {
		c.ProgramPID, c.Program = p.programs.of(c.Peer.PID)
	}
	return c
}
