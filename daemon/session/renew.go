package session

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
	// Go's timers stop while a laptop sleeps. So no timer is longer than nearSleep
	// if something is due within soon, nor than farSleep before that.
	nearSleep, farSleep = 30 * time.Second, 5 * time.Minute
	soon                = 5 * time.Minute
	// keepRecord is how long status still shows a session that has ended.
	keepRecord = 24 * time.Hour
	// lookEvery is for each session, so that 10,000 are looked at every ten seconds;
	// what is due has minutes. A look at one takes a ten-thousandth of it.
	lookEvery = time.Millisecond
	// unreadRest is how long a session whose configuration cannot be used is left
	// alone: it is neither renewed nor dropped.
	unreadRest = time.Minute
)

// renewLoop renews what is due until the broker is closed. If nothing will be due
// it holds no timer at all.
func (b *Broker) renewLoop() {
	for {
		wait, any := b.renewDue()
		var tick <-chan time.Time
		if any {
			tick = time.After(nap(wait))
		}
		select {
		case <-b.life.Done():
			return
		case <-b.wake:
		case <-tick:
		}
		if !b.pause() {
			return
		}
	}
}

// pause keeps the loop from looking at everything all the time if there is much:
// what is due then comes from the last look. It returns false if the broker is
// closed.
func (b *Broker) pause() bool {
	b.mu.Lock()
	d := time.Duration(len(b.entries)) * lookEvery
	b.mu.Unlock()
	select {
	case <-b.life.Done():
		return false
	case <-time.After(min(d, soon)):
		return true
	}
}

// nap returns how long the loop sleeps if something is due in wait. What is far
// off is looked for rarely, so that an idle machine stays idle: a request looks
// for itself, however long the laptop slept.
func nap(wait time.Duration) time.Duration {
	if wait <= soon {
		return max(min(wait, nearSleep), time.Second)
	}
	return min(wait-soon+nearSleep, farSleep)
}

// renewDue starts the renewals that are due, the most urgent first, and returns in
// how long to look again; any is false if nothing will be due.
func (b *Broker) renewDue() (wait time.Duration, any bool) {
	now := b.cfg.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if d, ok := b.warnEndingLocked(now); ok {
		wait, any = d, true
	}
	left := make(map[*entry]time.Duration) // of those that are due
	for _, e := range b.entries {
		if e.flight != nil || e.checking {
			continue // its end wakes the loop
		}
		if !b.warmLocked(e, now) {
			b.pruneLocked(e, now)
			continue
		}
		d, ok := b.dueInLocked(e, now)
		switch {
		case !ok:
		case d <= 0:
			left[e] = e.session.Left(now)
		case !any || d < wait:
			wait, any = d, true
		}
	}
	b.due = slices.SortedFunc(maps.Keys(left), func(x, y *entry) int { return cmp.Compare(left[x], left[y]) })
	b.renewNextLocked(now)
	return wait, any
}

// renewNextLocked starts as many of the renewals that were found due as there may
// be. Each is looked at again: it may have changed since. The caller holds b.mu.
func (b *Broker) renewNextLocked(now credential.Moment) {
	for len(b.due) > 0 && b.renewing < maxRenewals {
		e := b.due[0]
		b.due = b.due[1:]
		if b.entries[e.record.ID] != e || !b.warmLocked(e, now) {
			continue
		}
		if d, ok := b.dueInLocked(e, now); ok && d <= 0 {
			b.renewLocked(e)
		}
	}
}

// renewLocked starts a renewal in the background, unless one is in progress, or as
// many as may be. The caller holds b.mu.
func (b *Broker) renewLocked(e *entry) {
	if b.renewing == maxRenewals || e.checking || e.flight != nil {
		return
	}
	b.renewing++
	e.checking = true
	b.goroutines.Go(func() {
		ctx, cancel := context.WithTimeout(b.life, flightLimit)
		defer cancel()
		b.renew(ctx, e)
		now := b.cfg.Now()
		b.mu.Lock()
		b.renewing--
		b.renewNextLocked(now)
		b.mu.Unlock()
		b.rouse()
	})
}

// renew reads the configuration again for e, and fetches a new session if that is
// still asked for.
func (b *Broker) renew(ctx context.Context, e *entry) {
	b.mu.Lock()
	asked, uses := slices.Clone(e.requesters), e.record.Uses
	b.mu.Unlock()
	still, gone := b.replan(ctx, e.record.ID, asked)

	b.mu.Lock()
	e.checking = false
	if b.entries[e.record.ID] != e { // it was forgotten meanwhile
		b.mu.Unlock()
		return
	}
	for _, one := range gone {
		e.requesters.remove(one)
	}
	switch {
	case still != nil && !still.Manual:
		e.plan = still
		f := b.flyLocked(e, true)
		b.mu.Unlock()
		<-f.done
		return
	case still == nil && len(e.requesters) == 0 && e.flight == nil && e.record.Uses == uses:
		b.dropLocked(e)
		profiles := e.record.Profiles
		b.mu.Unlock()
		b.cfg.Log.Info("session retired: no profile asks for it any more", "profiles", profiles)
		return
	}
	e.backoff.pause(b.cfg.Now(), unreadRest)
	b.outages.extend(&e.backoff)
	b.mu.Unlock()
}

// replan resolves what each requester asks for, until one still asks for session
// id; it returns that plan, and the requesters that certainly do not. A requester
// whose configuration cannot be used now is neither.
func (b *Broker) replan(ctx context.Context, id string, asked requesters) (still *credential.Plan, gone []requester) {
	for _, one := range asked {
		top, err := b.resolve(ctx, one.query)
		switch {
		case err == nil:
			// The session may be the one asked for, or one that signs for it.
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

// resolve is Config.Resolve; a panic fails one renewal.
func (b *Broker) resolve(ctx context.Context, q credential.Query) (p *credential.Plan, err error) {
	defer b.recovered(&err)
	return b.cfg.Resolve(ctx, q)
}

// pruneLocked drops a session that was not asked for lately and that ended long
// ago. The caller holds b.mu.
func (b *Broker) pruneLocked(e *entry, now credential.Moment) {
	ended := e.record.ExpiresAt
	if ended.IsZero() {
		ended = e.used.Wall // never had one
	}
	if now.Wall.Sub(ended) >= keepRecord && now.Wall.Sub(e.used.Wall) >= keepRecord {
		b.dropLocked(e)
	}
}
