package daemon

import (
	"errors"
	"slices"
	"time"

	"understudy/internal/credential"
)

// weather is how an issuer fares. Each session has a back-off of its own, which
// is no help to an issuer that a thousand sessions ask: so when it has turned
// down several of them and none has fared better in between, one asks for all
// until one is answered. One role that is broken by itself holds nobody up: the
// others' answers come in between.
type weather struct {
	failed   []string // sessions since the last answer, each once
	failure  *credential.Failure
	tries    int // while it was stormy
	restFrom credential.Moment
	restFor  time.Duration
	probing  bool   // one is under way
	where    string // the network of the last try
}

// storm is how many sessions have to be turned down.
const storm = 3

func (w *weather) stormy() bool { return w != nil && len(w.failed) >= storm }

// heldLocked returns why nobody may ask issuer now, nil where one may, and how
// long that will last at least. s.mu must be held.
func (s *Server) heldLocked(issuer string, now credential.Moment) (*credential.Failure, time.Duration) {
	w := s.weather[issuer]
	if !w.stormy() {
		return nil, 0
	}
	if left := remaining(w.restFrom, w.restFor, now); left > 0 {
		return w.failure, left
	}
	if w.probing {
		return w.failure, time.Second
	}
	return nil, 0
}

// setOut is asked before each call to issuer, and told of it: not nil says that
// it is not to be made, since another is being made for all.
func (s *Server) setOut(issuer string) *credential.Failure {
	if issuer == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if held, _ := s.heldLocked(issuer, s.cfg.Now()); held != nil {
		return held
	}
	if w := s.weather[issuer]; w.stormy() {
		w.probing = true
	}
	return nil
}

// cameBack is told what came of a call to issuer for session id. Whatever is
// no temporary trouble is an answer.
func (s *Server) cameBack(issuer, id string, err error) {
	if issuer == "" {
		return
	}
	where := ""
	if err != nil {
		where = s.where()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.weather[issuer]
	if err == nil || credential.AsFailure(err).Final() {
		delete(s.weather, issuer)
		if w.stormy() {
			s.rouse() // much may be due
		}
		return
	}
	if w == nil {
		w = &weather{}
		s.weather[issuer] = w
	}
	if len(w.failed) < storm && !slices.Contains(w.failed, id) {
		w.failed = append(w.failed, id)
	}
	if !w.stormy() || w.tries > 0 && !w.probing {
		return // one that had set out before the storm
	}
	w.failure, w.where = credential.AsFailure(err), where
	w.tries++
	w.probing = false
	w.restFrom, w.restFor = s.cfg.Now(), patienceFor(w.failure, w.tries)
}

// cutOffLocked is entry.cutOff for all who ask issuer. s.mu must be held.
func (s *Server) cutOffLocked(issuer string, now credential.Moment) bool {
	held, _ := s.heldLocked(issuer, now)
	return held != nil && held.RetryAfter == 0
}

// arriveLocked ends a storm that was on another network. s.mu must be held.
func (s *Server) arriveLocked(issuer, where string) {
	if w := s.weather[issuer]; w.stormy() && w.where != where {
		delete(s.weather, issuer)
	}
}

// heldBack is why no call was made: another one is asking for all. It says
// nothing about the session.
type heldBack struct{ *credential.Failure }

func (h heldBack) Unwrap() error { return h.Failure }

func isHeldBack(err error) bool {
	_, ok := errors.AsType[heldBack](err)
	return ok
}

// clearLocked lets the next one ask issuer: a person wants to know. s.mu must be
// held.
func (s *Server) clearLocked(issuer string) {
	if w := s.weather[issuer]; w != nil {
		w.restFor = 0
	}
}
