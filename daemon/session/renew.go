package session

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"understudy/internal/credential"
	"understudy/internal/singleflight"
	"understudy/internal/wire"
)

const (
	// Go's timers stop while a laptop sleeps. So no timer is longer than nearSleep
	// if a renewal is due within soon, nor longer than farSleep otherwise.
	nearSleep, farSleep = 30 * time.Second, 5 * time.Minute
	soon                = 5 * time.Minute
	// keepRecord is how long status still shows a session that has expired.
	keepRecord = 24 * time.Hour
	// lookEvery is the pause per session between two passes over all: 10,000 sessions
	// are checked every ten seconds. That is often enough, as a due renewal has
	// minutes. Checking a session takes a ten-thousandth of this.
	lookEvery = time.Millisecond
	// unresolvedBackoff is how long a session whose configuration cannot be used is
	// left alone: it is neither renewed nor dropped.
	unresolvedBackoff = time.Minute
)

// renewLoop renews the sessions that are due, until the broker is closed. If none
// will be due it holds no timer.
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

// pause limits how often the loop checks all sessions if there are many; b.due keeps
// the renewals that the last check found. It returns false if the broker is closed.
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

// nap returns how long the loop sleeps if the next renewal is due in wait. If that is
// far off it wakes rarely, so that an idle machine stays idle. Requests check
// their sessions themselves, however long the laptop slept.
func nap(wait time.Duration) time.Duration {
	if wait <= soon {
		return max(min(wait, nearSleep), time.Second)
	}
	return min(wait-soon+nearSleep, farSleep)
}

// renewDue starts the renewals that are due, the most urgent first, and returns the
// time until the next is due; any is false if none will be.
func (b *Broker) renewDue() (wait time.Duration, any bool) {
	now := b.cfg.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if d, ok := b.warnEndingLocked(now); ok {
		wait, any = d, true
	}
	left := make(map[*entry]time.Duration) // of the sessions that are due
	for _, e := range b.entries {
		if e.flight != nil || e.checking {
			continue // the loop is woken when that ends
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

// renewNextLocked starts renewals from b.due, up to maxRenewals in progress. It checks
// each again, since it may have changed. The caller holds b.mu.
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

// renewLocked starts a renewal of e in the background, unless one or maxRenewals
// others are in progress. The caller holds b.mu.
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
		b.wakeRenewals()
	})
}

// renew reads the configuration again for e, and fetches a new session if a requester
// still asks for it.
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
	for _, r := range gone {
		e.requesters.remove(r)
	}
	switch {
	case still != nil && !still.Manual:
		e.plan = still
		f := b.flightLocked(e, true)
		b.mu.Unlock()
		<-f.Ended()
		return
	case still == nil && len(e.requesters) == 0 && e.flight == nil && e.record.Uses == uses:
		b.dropLocked(e)
		profiles := e.record.Profiles
		b.mu.Unlock()
		b.cfg.Log.Info("session retired: no profile asks for it any more", "profiles", profiles)
		return
	}
	e.backoff.pause(b.cfg.Now(), unresolvedBackoff)
	b.outages.extend(&e.backoff)
	b.mu.Unlock()
}

// replan resolves the query of each requester until one still leads to session id,
// and returns that plan. gone are the requesters that no longer do; a requester
// whose configuration cannot be used now is not among them.
func (b *Broker) replan(ctx context.Context, id string, asked requesters) (still *credential.Plan, gone []requester) {
	for _, r := range asked {
		top, err := b.resolve(ctx, r.query)
		switch {
		case err == nil:
			// The session may be the one asked for, or one that signs for it.
			for p := top; p != nil; p = p.Base {
				if p.ID == id {
					return p, gone
				}
			}
			gone = append(gone, r)
		case credential.AsFailure(err).Code == wire.UnknownProfile:
			gone = append(gone, r)
		}
	}
	return nil, gone
}

// resolve is Config.Resolve, with a panic turned into an error.
func (b *Broker) resolve(ctx context.Context, q credential.Query) (p *credential.Plan, err error) {
	defer singleflight.Recover(b.cfg.Log, &err)
	return b.cfg.Resolve(ctx, q)
}

// pruneLocked drops e if its session expired, and was last used, longer than
// keepRecord ago. The caller holds b.mu.
func (b *Broker) pruneLocked(e *entry, now credential.Moment) {
	ended := e.record.ExpiresAt
	if ended.IsZero() {
		ended = e.used.Wall // there was never a session
	}
	if now.Wall.Sub(ended) >= keepRecord && now.Wall.Sub(e.used.Wall) >= keepRecord {
		b.dropLocked(e)
	}
}
