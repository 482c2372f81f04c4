package daemon

import (
	"context"
	"errors"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// flight is one fetch of one session. All who need it wait for the same one;
// it is nobody's in particular, so it goes on when its callers have gone.
type flight struct {
	plan    *credential.Plan // as it was at the start; the entry's own may go meanwhile
	done    chan struct{}    // closed when session and err are set
	session credential.Session
	err     error
}

// Bounds of a fetch. A caller is told to wait wire.FetchWait, so its answer is
// sent a little before.
const (
	flightLimit = wire.FetchWait
	callerLimit = wire.FetchWait - 700*time.Millisecond
	storeLimit  = 3 * time.Second
	// askedFlightLimit is for a fetch that may ask a person, three times over. Each
	// question and each call to the issuer has a limit of its own.
	askedFlightLimit = 12 * time.Minute
	// slowFlightLimit is for a fetch that runs a command: that has a minute, and
	// the call behind it its own time.
	slowFlightLimit = 75 * time.Second
)

var errStopping = errors.New("the daemon is stopping")

// session returns a session as p says, which d demands. ctx bounds the wait, not
// the fetch.
func (s *Server) session(ctx context.Context, p *credential.Plan, d demand) (credential.Session, error) {
	for {
		ses, err := s.once(ctx, p, d)
		if d.unattended || err == nil || !credential.AsFailure(err).Unasked {
			return ses, err
		}
		// It came to nothing in the background, where nobody is asked.
	}
}

// once looks at what there is and waits for one flight at most.
func (s *Server) once(ctx context.Context, p *credential.Plan, d demand) (credential.Session, error) {
	now := s.cfg.Now()
	s.mu.Lock()
	e := s.entryLocked(p, d.query)
	if !e.warm(now, s.warm) {
		s.rouse() // the renewal loop had no timer for it
	}
	if s.cfg.Network != nil && (e.cutOff(now) || s.cutOffLocked(p.Issuer, now)) {
		s.mu.Unlock() // the kernel is asked
		where := s.where()
		s.mu.Lock()
		e = s.entryLocked(p, d.query) // the other may have been forgotten
		e.arrive(where)
		s.arriveLocked(p.Issuer, where)
	}
	e.touch(p, d.query, now)
	s.noteLocked(e, now)
	if e.has {
		switch e.judge(now, d.login) {
		case serveAndRenew:
			if held, _ := s.heldLocked(p.Issuer, now); held == nil && e.resting(now) == 0 && !e.manual() {
				s.renewLocked(e)
			}
			fallthrough
		case serve:
			if e.outdated(p) && e.resting(now) == 0 {
				s.renewLocked(e)
			}
			ses := e.session
			s.mu.Unlock()
			if ses.Left(now) <= 0 {
				return credential.Session{}, wrongClock(ses, now)
			}
			return ses, nil
		}
	}
	if d.person {
		s.forgiveLocked(p)
		s.clearLocked(p.Issuer)
	}
	if failure := s.restLocked(e, p, d, now); failure != nil {
		ses, usable := e.session, e.usable(now)
		s.mu.Unlock()
		if usable {
			return ses, nil
		}
		return credential.Session{}, failure
	}
	var seat *prompt.Seat
	if about := p.About(); !d.inner && about != nil {
		seat = s.cfg.Desk.Sit(about, d.login) // before there can be a question
		defer seat.Leave()
		if d.device {
			seat.Elsewhere()
		}
	}
	f := s.flyLocked(e, d.unattended)
	s.mu.Unlock()

	err := s.await(ctx, f, p, d, seat)
	now = s.cfg.Now()
	if err == nil {
		if f.session.Left(now) <= 0 {
			return credential.Session{}, wrongClock(f.session, now)
		}
		return f.session, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.usable(now) {
		return e.session, nil
	}
	return credential.Session{}, err
}

// restLocked returns why nothing is fetched for d now; nil where something is, or
// is on its way. s.mu must be held.
func (s *Server) restLocked(e *entry, p *credential.Plan, d demand, now credential.Moment) *credential.Failure {
	switch {
	case e.flight != nil:
		return nil
	case e.failure != nil && e.resting(now) > 0 && (d.unattended || !e.failure.Unasked):
		return e.failure
	}
	held, _ := s.heldLocked(p.Issuer, now)
	return held
}

// noteLocked gives the cache what is known of e, for the index; where e.noted is
// set, it can wait. Uses can: of many sessions that are asked for in turn, each
// request would bring one. s.mu must be held; the cache does no I/O here.
func (s *Server) noteLocked(e *entry, now credential.Moment) {
	if since, ok := now.Since(e.noted); !ok || since >= noteEvery {
		e.noted = now
		s.cfg.Cache.Update(e.record)
	}
}

const noteEvery = time.Minute

func stopping() *credential.Failure {
	return &credential.Failure{Code: wire.Temporary, Reason: errStopping.Error(), Hint: "try again: the next call starts a new one"}
}

// wrongClock is why a session that is young on the boot clock cannot be served:
// every SDK would take it, and any new one, for expired.
func wrongClock(ses credential.Session, now credential.Moment) *credential.Failure {
	return &credential.Failure{Code: wire.Temporary,
		Reason: "this machine's clock is hours ahead of AWS, so every session reads as expired at " + ses.Expiration.Format(credential.TimeFormat),
		Hint:   "set the clock; it reads " + now.Wall.UTC().Format(credential.TimeFormat) + " now"}
}

// flyLocked returns e's flight, which it starts where there is none; in one that
// is unattended nobody is asked. s.mu must be held.
func (s *Server) flyLocked(e *entry, unattended bool) *flight {
	if e.flight != nil {
		return e.flight
	}
	f := &flight{plan: e.plan, done: make(chan struct{})}
	e.flight = f
	s.flying.Go(func() {
		limit := flightLimit
		if f.plan.Slow() {
			limit = slowFlightLimit
		}
		if f.plan.About() != nil && !unattended {
			limit = askedFlightLimit
		}
		ctx, cancel := context.WithTimeout(s.life, limit)
		defer cancel()
		if unattended {
			ctx = credential.Unattended(ctx)
		}
		s.fly(ctx, e, f)
	})
	return f
}

// fly obtains e's session and tells everybody who waits for f.
func (s *Server) fly(ctx context.Context, e *entry, f *flight) {
	where := s.where()
	ses, err := s.guarded(ctx, e, f.plan)
	now := s.cfg.Now()

	s.mu.Lock()
	e.where = where
	f.session, f.err = ses, err
	var failure *credential.Failure
	switch {
	case err == nil:
		e.clearFailure()
		s.answeredLocked(f.plan)
	case s.life.Err() != nil:
		f.err = stopping() // says nothing about the session
	case isHeldBack(err):
	default:
		failure = credential.AsFailure(err)
		e.fail(failure, now)
		if _, ofBase := errors.AsType[baseError](err); failure.Code == wire.Denied && !ofBase {
			e.drop()
			s.cfg.Cache.Discard(e.record.ID) // no later daemon serves it either
		}
	}
	if e.has {
		e.record.RenewAt = now.Wall.Add(e.due(now))
	}
	record := e.record
	e.noted = credential.Moment{} // at once
	s.noteLocked(e, now)
	// What comes now is another flight: it must not get this one's outcome.
	e.flight = nil
	s.mu.Unlock()
	close(f.done)
	if failure != nil && !failure.Unasked {
		s.cfg.Log.Info("no session", "profiles", record.Profiles, "role", record.RoleARN, "code", failure.Code, "reason", failure.Reason)
	}
	s.rouse()
}
