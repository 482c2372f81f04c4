package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"understudy/internal/credential"
)

// A session that needs the user each time, such as one made with an MFA code, is
// called manual. It is not renewed in the background but served until it expires.
// Three things make up for that: the user is notified before it expires, a role
// based on it is renewed at full length just before, and `understudy login` makes a
// new one early.

const (
	// warnBefore is how long before the session expires the user is notified.
	warnBefore = 20 * time.Minute
	// lastRenewal is how long before a base expires the roles on it are renewed once
	// more; less for a base with a short lifetime.
	lastRenewal = 5 * time.Minute
	notifyLimit = 5 * time.Second
)

// dueInLocked returns the time until e must be renewed, as entry.dueIn does: later if
// the issuer's circuit breaker is open, and earlier if a manual base is about to
// expire. The caller holds b.mu.
func (b *Broker) dueInLocked(e *entry, now credential.Moment) (d time.Duration, ok bool) {
	d, ok = e.dueIn(now)
	if ok && e.plan != nil {
		_, down := b.breakers[e.plan.Issuer].refusal(now, "", false)
		d = max(d, down)
	}
	if !ok || e.holding != held || e.plan == nil || e.plan.Base == nil {
		return d, ok
	}
	base := b.entries[e.plan.Base.ID]
	if base == nil || !base.manual() || base.holding != held {
		return d, ok
	}
	left, before := base.session.Left(now), min(lastRenewal, base.session.Lifetime/8)
	switch {
	case left <= floor:
		return 0, false // nothing to renew it with
	case e.session.Age(now) > before-left:
		d = min(d, max(left-before, e.backoff.remaining(now, "")))
	}
	return d, true
}

// warnEndingLocked notifies the user, once for each, of manual sessions that are about
// to expire. It returns the time until the next is due; any is false if none is. The
// caller holds b.mu.
func (b *Broker) warnEndingLocked(now credential.Moment) (wait time.Duration, any bool) {
	if b.cfg.Notify == nil {
		return 0, false
	}
	for _, e := range b.entries {
		if !e.manual() || e.holding != held || e.warned || !b.warmLocked(e, now) || e.session.Lifetime <= 2*warnBefore {
			continue
		}
		d := e.session.Left(now) - warnBefore
		if d > 0 {
			if !any || d < wait {
				wait, any = d, true
			}
			continue
		}
		e.warned = true
		title, text := ending(e, now)
		b.goroutines.Go(func() {
			ctx, cancel := context.WithTimeout(b.life, notifyLimit)
			defer cancel()
			b.cfg.Notify(ctx, title, text)
		})
	}
	return wait, any
}

func ending(e *entry, now credential.Moment) (title, text string) {
	profiles := strings.Join(e.record.Profiles, ", ")
	return fmt.Sprintf("understudy: the login of %s ends in %d min", profiles, int(e.session.Left(now).Round(time.Minute).Minutes())),
		"to go on without a pause, run: understudy login " + e.record.Query.Profile // the keys' own profile may name no device
}
