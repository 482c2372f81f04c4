package daemon

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// guarded is obtain, of which a panic costs one fetch and not the daemon.
func (s *Server) guarded(ctx context.Context, e *entry, p *credential.Plan) (ses credential.Session, err error) {
	defer s.recovered(&err)
	return s.obtain(ctx, e, p)
}

// recovered makes an error of a panic. The value may hold anything, so only its
// type is told.
func (s *Server) recovered(err *error) {
	if v := recover(); v != nil {
		s.cfg.Log.Error("ended in a panic", "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		*err = &credential.Failure{Code: wire.Temporary, Reason: "a fault in understudy itself",
			Hint: "see: understudy daemon logs; please report it"}
	}
}

// obtain looks into the store once, then asks the issuer.
func (s *Server) obtain(ctx context.Context, e *entry, p *credential.Plan) (credential.Session, error) {
	s.mu.Lock()
	q, loaded, had, first := e.record.Query, e.loaded, e.has, e.failures == 0
	e.loaded = true
	s.mu.Unlock()
	if !loaded && !had {
		if ses, ok := s.load(ctx, e); ok {
			return ses, nil
		}
	}
	tries := 1
	if first && !p.Manual && !p.Runs {
		tries = 2 // somebody waits, and one lost packet is no outage
	}
	for try := 1; ; try++ {
		ses, err := s.fetch(ctx, e, p, q, had)
		if err == nil {
			return ses, nil
		}
		f := credential.AsFailure(err)
		if try >= tries || f.Final() || f.RetryAfter > time.Second {
			return credential.Session{}, err
		}
		select {
		case <-ctx.Done():
			return credential.Session{}, err
		case <-time.After(200*time.Millisecond + rand.N(200*time.Millisecond)):
		}
	}
}

// load takes the session from the store where that has one that need not be
// renewed before it is served. One that must is kept to fall back on.
func (s *Server) load(ctx context.Context, e *entry) (credential.Session, bool) {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	s.mu.Lock()
	epoch := e.epoch
	s.mu.Unlock()
	ses, ok, err := s.cfg.Cache.Load(ctx, e.record.ID)
	if err != nil {
		s.cfg.Log.Warn("the store did not answer", "reason", err.Error())
	}
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.epoch != epoch {
		return credential.Session{}, false // it was forgotten while it was read
	}
	if err != nil {
		e.loaded = false // what it keeps may have taken a person
	}
	if err != nil || !ok || ses.Left(now) <= 0 {
		return credential.Session{}, false
	}
	e.publish(ses)
	return ses, e.judge(now, false) != renewFirst
}

// fetch makes one try: the base session first, where there is one, then the
// call that it signs.
func (s *Server) fetch(ctx context.Context, e *entry, p *credential.Plan, q credential.Query, renewal bool) (credential.Session, error) {
	var base credential.Session
	for try := 1; ; try++ {
		if p.Base != nil {
			var err error
			if base, err = s.session(ctx, p.Base, demand{query: q, inner: true, unattended: credential.IsUnattended(ctx)}); err != nil {
				return credential.Session{}, baseError{err}
			}
		}
		ses, err := s.call(ctx, p, base, renewal && p.Asks == "") // nobody waits for a turn behind a person who is asked
		if err == nil {
			s.mu.Lock()
			e.publish(ses)
			e.loaded = true // the store has nothing newer
			e.stamp = p.Stamp
			e.record.Fetches++
			if !ses.Raw { // it is in the keychain already, and may be another next time
				s.cfg.Cache.Update(e.record) // first: what is in no index nobody can forget
				s.cfg.Cache.Put(e.record.ID, ses)
			}
			s.mu.Unlock()
			return ses, nil
		}
		// A base session that is worth nothing any more is replaced once.
		if f := credential.AsFailure(err); !f.BaseRefused || p.Base == nil || try > 1 {
			return credential.Session{}, err
		}
		s.dropBase(p.Base.ID, base)
	}
}

// baseError is why the base session could not be had. It says nothing about the
// session above it, which does not end with its base.
type baseError struct{ error }

func (e baseError) Unwrap() error { return e.error }

// call asks the issuer. Renewals take turns, first sessions do not: somebody
// waits for those.
func (s *Server) call(ctx context.Context, p *credential.Plan, base credential.Session, renewal bool) (ses credential.Session, err error) {
	if renewal {
		select {
		case s.slots <- struct{}{}:
			began := time.Now()
			// Whoever is answered fast gives many a turn: what all slots can do in
			// a second is bounded.
			defer func() { time.AfterFunc(slotTime-time.Since(began), func() { <-s.slots }) }()
		case <-ctx.Done():
			return credential.Session{}, &credential.Failure{Code: wire.Temporary, Reason: "many sessions are being renewed at once", Hint: "try again in some seconds"}
		}
	}
	if held := s.setOut(p.Issuer); held != nil {
		return credential.Session{}, heldBack{held}
	}
	err = errors.New("no answer") // in a panic
	defer func() { s.cameBack(p.Issuer, p.ID, err) }()
	ses, err = p.Fetch(ctx, base)
	if err != nil {
		return credential.Session{}, err
	}
	if bad := ses.Check(s.cfg.Now()); bad != nil {
		err = &credential.Failure{Code: wire.Temporary, Reason: bad.Error(), Hint: "the answer was refused whole; see: understudy daemon logs"}
		return credential.Session{}, err
	}
	return ses, nil
}

// slotTime is how long a renewal keeps its slot at least, so that four slots
// make 25 renewals a second.
const slotTime = maxRenewals * time.Second / 25

// dropBase forgets the base session that was turned down, unless another has
// taken its place already.
func (s *Server) dropBase(id string, refused credential.Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[id]; e != nil && e.has && e.session.AccessKeyID == refused.AccessKeyID {
		e.drop()
	}
}
