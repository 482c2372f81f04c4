package daemon

import (
	"context"
	"errors"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// flight is one fetch of one session. All who need it wait for the same one;
// it is nobody's in particular, so it goes on when its callers have gone.
type flight struct {
	done    chan struct{} // closed when session and err are set
	session credential.Session
	err     error
}

// Bounds of a fetch. A caller is told to wait wire.FetchWait, so its answer is
// sent a little before.
const (
	flightLimit = wire.FetchWait
	callerLimit = wire.FetchWait - 700*time.Millisecond
	storeLimit  = 3 * time.Second
)

var errStopping = errors.New("the daemon is stopping")

// session returns a session as p says, which q asked for. Where it has to be
// fetched, waiting is called once before the wait begins. person lifts the
// memory of a refusal. ctx bounds the wait, not the fetch.
func (s *Server) session(ctx context.Context, p *credential.Plan, q credential.Query, person bool, waiting func()) (credential.Session, error) {
	now := s.cfg.Now()
	s.mu.Lock()
	e := s.entryLocked(p, q)
	if !e.warm(now, s.warm) {
		s.rouse() // the renewal loop had no timer for it
	}
	e.touch(p, q, now)
	s.noteLocked(e, now)
	if e.has {
		switch judge(e.session, now, e.jitter) {
		case serveAndRenew:
			if e.resting(now) == 0 {
				s.renewLocked(e)
			}
			fallthrough
		case serve:
			ses := e.session
			s.mu.Unlock()
			if ses.Left(now) <= 0 {
				return credential.Session{}, wrongClock(ses, now)
			}
			return ses, nil
		}
	}
	if person && e.failure != nil && e.failure.Final() {
		e.clearFailure()
	}
	if e.flight == nil && e.failure != nil && e.resting(now) > 0 {
		ses, usable, failure := e.session, e.usable(now), e.failure
		s.mu.Unlock()
		if usable {
			return ses, nil
		}
		return credential.Session{}, failure
	}
	f := s.flyLocked(e)
	s.mu.Unlock()

	waiting()
	ctx, cancel := context.WithTimeout(ctx, callerLimit)
	defer cancel()
	var err error
	select {
	case <-f.done:
		if err = f.err; err == nil {
			if now := s.cfg.Now(); f.session.Left(now) <= 0 {
				return credential.Session{}, wrongClock(f.session, now)
			}
			return f.session, nil
		}
	case <-s.life.Done():
		err = stopping()
	case <-ctx.Done():
		err = &credential.Failure{Code: wire.Temporary, Reason: "no answer yet; the question goes on",
			Hint: "try again in some seconds: the answer is kept"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.usable(s.cfg.Now()) {
		return e.session, nil
	}
	return credential.Session{}, err
}

// noteLocked gives the cache what is known of e, for the index. It need not
// have every use at once. s.mu must be held; the cache does no I/O here.
func (s *Server) noteLocked(e *entry, now credential.Moment) {
	if since, ok := now.Since(e.noted); !ok || since >= noteEvery {
		e.noted = now
		s.cfg.Cache.Update(e.record)
	}
}

const noteEvery = 10 * time.Second

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

// flyLocked returns e's flight, which it starts where there is none. s.mu must
// be held.
func (s *Server) flyLocked(e *entry) *flight {
	if e.flight != nil {
		return e.flight
	}
	f := &flight{done: make(chan struct{})}
	e.flight = f
	s.flying.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, flightLimit)
		defer cancel()
		s.fly(ctx, e, f)
	})
	return f
}

// fly obtains e's session and tells everybody who waits for f.
func (s *Server) fly(ctx context.Context, e *entry, f *flight) {
	ses, err := s.guarded(ctx, e)
	now := s.cfg.Now()

	s.mu.Lock()
	f.session, f.err = ses, err
	var failure *credential.Failure
	switch {
	case err == nil:
		e.clearFailure()
	case s.life.Err() != nil:
		f.err = stopping() // says nothing about the session
	default:
		failure = credential.AsFailure(err)
		e.fail(failure, now)
		if _, ofBase := errors.AsType[baseError](err); failure.Code == wire.Denied && !ofBase {
			e.drop()
			s.cfg.Cache.Discard(e.record.ID) // no later daemon serves it either
		}
	}
	if e.has {
		e.record.RenewAt = now.Wall.Add(due(e.session, now, e.jitter))
	}
	record := e.record
	e.noted = credential.Moment{} // at once
	s.noteLocked(e, now)
	// What comes now is another flight: it must not get this one's outcome.
	e.flight = nil
	s.mu.Unlock()
	close(f.done)
	if failure != nil {
		s.cfg.Log.Info("no session", "profiles", record.Profiles, "role", record.RoleARN, "code", failure.Code, "reason", failure.Reason)
	}
	s.rouse()
}
