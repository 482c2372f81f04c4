package daemon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// A session that takes a person each time (one made with an MFA code) is not
// renewed in the background but served to its end. Three things make up for it:
// she is told some time before, a role below it is renewed at full length just
// before, and `understudy login` makes a new one early.

const (
	// tellBefore is how long before its end she is told.
	tellBefore = 20 * time.Minute
	// lastRenewal is how long before the end of a base the roles on it are
	// renewed once more; it is less for a base that lives shortly.
	lastRenewal = 5 * time.Minute
)

func (e *entry) manual() bool { return e.plan != nil && e.plan.Manual }

// judge is the verdict on the session at now. One that takes a person is served
// to its end, but to a person who says that she is there.
func (e *entry) judge(now credential.Moment, login bool) verdict {
	if e.manual() && !login {
		if e.session.Left(now) > floor {
			return serve
		}
		return renewFirst
	}
	return judge(e.session, now, e.jitter)
}

// due returns in how long the session is to be renewed; for one that takes a
// person, in how long it is no longer served.
func (e *entry) due(now credential.Moment) time.Duration {
	if e.manual() {
		return e.session.Left(now) - floor
	}
	return due(e.session, now, e.jitter)
}

// dueInLocked is dueIn, and earlier where the base that takes a person ends. s.mu
// must be held.
func (s *Server) dueInLocked(e *entry, now credential.Moment) (d time.Duration, ok bool) {
	d, ok = e.dueIn(now)
	if ok && e.plan != nil {
		_, held := s.heldLocked(e.plan.Issuer, now)
		d = max(d, held)
	}
	if !ok || !e.has || e.plan == nil || e.plan.Base == nil {
		return d, ok
	}
	base := s.entries[e.plan.Base.ID]
	if base == nil || !base.manual() || !base.has {
		return d, ok
	}
	left, before := base.session.Left(now), min(lastRenewal, base.session.Lifetime/8)
	switch {
	case left <= floor:
		return 0, false // nothing to renew it with
	case e.session.Age(now) > before-left:
		d = min(d, max(left-before, e.resting(now)))
	}
	return d, true
}

// forgiveLocked lifts the memory of what was refused to p and to those it stands
// on: a person asks now. s.mu must be held.
func (s *Server) forgiveLocked(p *credential.Plan) {
	for ; p != nil; p = p.Base {
		if e := s.entries[p.ID]; e != nil && e.failure != nil && e.failure.Final() {
			e.clearFailure()
		}
	}
}

// answeredLocked lets go of the memory that a person was needed, in all that
// stands on answered or waits for the same answer, now that she has given it.
// s.mu must be held.
func (s *Server) answeredLocked(answered *credential.Plan) {
	if answered.Asks == "" {
		return
	}
	for _, other := range s.entries {
		if other.failure == nil || other.failure.Code != wire.LoginNeeded {
			continue
		}
		for p := other.plan; p != nil; p = p.Base {
			if p.ID == answered.ID || p.Asks == answered.Asks {
				other.clearFailure()
				break
			}
		}
	}
}

// login sees to it that what a person has to be asked for is there and lasts,
// before d's own session is looked at.
func (s *Server) login(ctx context.Context, p *credential.Plan, d demand) error {
	if p.Base == nil {
		return nil
	}
	if err := s.login(ctx, p.Base, d); err != nil || p.Base.Asks == "" {
		return err
	}
	_, err := s.session(ctx, p.Base, d)
	return err
}

// tellEndingLocked tells the person of sessions that are about to end and that
// she alone can make anew, each once; it returns in how long the next is to be
// told. s.mu must be held.
func (s *Server) tellEndingLocked(now credential.Moment) (wait time.Duration, any bool) {
	if s.cfg.Notify == nil {
		return 0, false
	}
	for _, e := range s.entries {
		if !e.manual() || !e.has || e.told || !e.warm(now, s.warm) || e.session.Lifetime <= 2*tellBefore {
			continue
		}
		d := e.session.Left(now) - tellBefore
		if d > 0 {
			if !any || d < wait {
				wait, any = d, true
			}
			continue
		}
		e.told = true
		title, text := ending(e, now)
		s.flying.Go(func() {
			ctx, cancel := context.WithTimeout(s.life, notifyLimit)
			defer cancel()
			s.cfg.Notify(ctx, title, text)
		})
	}
	return wait, any
}

const notifyLimit = 5 * time.Second

func ending(e *entry, now credential.Moment) (title, text string) {
	profiles := strings.Join(e.record.Profiles, ", ")
	return fmt.Sprintf("understudy: the login of %s ends in %d min", profiles, int(e.session.Left(now).Round(time.Minute).Minutes())),
		"to go on without a pause, run: understudy login " + e.record.Query.Profile // the keys' own profile may name no device
}
