package daemon

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

const (
	// Go's timers stop while a laptop sleeps. So no timer is longer than
	// nearSleep when something is due within soon, nor than farSleep before that.
	nearSleep, farSleep = 30 * time.Second, 5 * time.Minute
	soon                = 5 * time.Minute
	// keepRecord is how long status still shows a session that has ended.
	keepRecord = 24 * time.Hour
)

// renewLoop renews what is due until the server is closed. With nothing that
// will be due it holds no timer at all.
func (s *Server) renewLoop() {
	for {
		wait, any := s.renewDue()
		var tick <-chan time.Time
		if any {
			tick = time.After(nap(wait))
		}
		select {
		case <-s.life.Done():
			return
		case <-s.wake:
		case <-tick:
		}
		if !s.pause() {
			return
		}
	}
}

// pause keeps the loop from looking at everything all the time where there is
// much: what is due then comes from the last look. It returns false when the
// server is closed.
func (s *Server) pause() bool {
	s.mu.Lock()
	d := time.Duration(len(s.entries)) * lookEvery
	s.mu.Unlock()
	select {
	case <-s.life.Done():
		return false
	case <-time.After(min(d, soon)):
		return true
	}
}

// lookEvery is for each session, so that 10,000 are looked at every ten seconds;
// what is due has minutes. A look at one takes a ten-thousandth of it.
const lookEvery = time.Millisecond

// nap returns how long the loop sleeps when something is due in wait. What is
// far off is looked for rarely, so that an idle machine is left alone: a request
// looks for itself, however long the laptop slept.
func nap(wait time.Duration) time.Duration {
	if wait <= soon {
		return max(min(wait, nearSleep), time.Second)
	}
	return min(wait-soon+nearSleep, farSleep)
}

// renewDue starts the renewals that are due, the most urgent first, and returns
// in how long to look again; any is false when nothing will be due.
func (s *Server) renewDue() (wait time.Duration, any bool) {
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.tellEndingLocked(now); ok {
		wait, any = d, true
	}
	left := make(map[*entry]time.Duration) // of those that are due
	for id, e := range s.entries {
		if e.flight != nil || e.checking {
			continue // its end wakes the loop
		}
		if !e.warm(now, s.warm) {
			s.pruneLocked(id, e, now)
			continue
		}
		d, ok := s.dueInLocked(e, now)
		switch {
		case !ok:
		case d <= 0:
			left[e] = e.session.Left(now)
		case !any || d < wait:
			wait, any = d, true
		}
	}
	s.ready = slices.SortedFunc(maps.Keys(left), func(a, b *entry) int { return cmp.Compare(left[a], left[b]) })
	s.renewReadyLocked(now)
	return wait, any
}

// renewReadyLocked starts as many renewals of those that are ready as there may
// be. What became of one since it was found ready is looked at again. s.mu must
// be held.
func (s *Server) renewReadyLocked(now credential.Moment) {
	for len(s.ready) > 0 && s.renewing < maxRenewals {
		e := s.ready[0]
		s.ready = s.ready[1:]
		if s.entries[e.record.ID] != e || !e.warm(now, s.warm) {
			continue
		}
		if d, ok := s.dueInLocked(e, now); ok && d <= 0 {
			s.renewLocked(e)
		}
	}
}

// dueIn returns in how long e is to be renewed; ok is false when it has nothing
// to renew. A session that an earlier daemon fetched goes by its record.
func (e *entry) dueIn(now credential.Moment) (d time.Duration, ok bool) {
	switch {
	case e.manual():
		return 0, false
	case e.has:
		d = e.due(now)
	case !e.loaded && e.record.ExpiresAt.After(now.Wall):
		d = e.record.RenewAt.Sub(now.Wall)
	default:
		return 0, false
	}
	return max(d, e.resting(now)), true
}

// renewLocked starts a renewal in the background, unless one is under way, or as
// many as are allowed. s.mu must be held.
func (s *Server) renewLocked(e *entry) {
	if s.renewing == maxRenewals || e.checking || e.flight != nil {
		return
	}
	s.renewing++
	e.checking = true
	s.flying.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, flightLimit)
		defer cancel()
		s.renew(ctx, e)
		now := s.cfg.Now()
		s.mu.Lock()
		s.renewing--
		s.renewReadyLocked(now)
		s.mu.Unlock()
		s.rouse()
	})
}

// renew reads the configuration again for e, and fetches a new session if it is
// still asked for.
func (s *Server) renew(ctx context.Context, e *entry) {
	s.mu.Lock()
	asked, uses := slices.Clone(e.askers), e.record.Uses
	s.mu.Unlock()
	still, gone := s.replan(ctx, e.record.ID, asked)

	s.mu.Lock()
	e.checking = false
	for _, one := range gone {
		e.askers.remove(one)
	}
	switch {
	case still != nil && !still.Manual:
		e.plan = still
		f := s.flyLocked(e, true)
		s.mu.Unlock()
		<-f.done
		return
	case still == nil && len(e.askers) == 0 && e.flight == nil && e.record.Uses == uses:
		profiles := e.record.Profiles
		delete(s.entries, e.record.ID)
		s.cfg.Cache.Discard(e.record.ID)
		s.mu.Unlock()
		s.cfg.Log.Info("session retired: nobody's configuration asks for it any more", "profiles", profiles)
		return
	}
	e.rest(s.cfg.Now(), unreadRest)
	s.mu.Unlock()
}

// unreadRest is how long a session whose configuration cannot be used is left
// alone: it is neither renewed nor thrown away.
const unreadRest = time.Minute

// replan resolves what each asker asks for, until one of them still asks for
// session id; it returns that plan, and those askers that certainly do not.
// An asker whose configuration cannot be used now is neither.
func (s *Server) replan(ctx context.Context, id string, asked askers) (still *credential.Plan, gone []asker) {
	for _, one := range asked {
		top, err := s.resolve(ctx, one.query)
		switch {
		case err == nil:
			// The session may be the one asked for, or one of those it is
			// signed with.
			for p := top; p != nil; p = p.Base {
				if p.ID == id {
					return p, gone
				}
			}
			gone = append(gone, one)
		case credential.AsFailure(err).Code == wire.UnknownProfile:
			gone = append(gone, one)
		}
	}
	return nil, gone
}

// resolve is Config.Resolve, of which a panic costs one renewal.
func (s *Server) resolve(ctx context.Context, q credential.Query) (p *credential.Plan, err error) {
	defer s.recovered(&err)
	return s.cfg.Resolve(ctx, q)
}

// pruneLocked drops a session that nobody asked for lately and that ended long
// ago. s.mu must be held.
func (s *Server) pruneLocked(id string, e *entry, now credential.Moment) {
	ended := e.record.ExpiresAt
	if ended.IsZero() {
		ended = e.used.Wall // never had one
	}
	if now.Wall.Sub(ended) < keepRecord || now.Wall.Sub(e.used.Wall) < keepRecord {
		return
	}
	delete(s.entries, id)
	s.cfg.Cache.Discard(id)
}
