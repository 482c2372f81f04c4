package session

import (
	"math/rand/v2"
	"slices"
	"time"

	"understudy/cache"
	"understudy/internal/credential"
	"understudy/internal/singleflight"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// holding says where the session of an entry is.
type holding uint8

const (
	unread holding = iota // not in memory; the store may have it, as the record says
	none                  // nowhere
	held                  // in memory
)

// flight is one fetch of one session, shared by all callers that wait for the
// session. It belongs to none of them, so it continues when they are gone.
type flight struct {
	plan *credential.Plan // of the entry when the flight started
	*singleflight.Call[credential.Session]
}

// entry is the state of one session identity. The broker's mutex guards it.
type entry struct {
	plan       *credential.Plan // of the last request; nil before the first
	requesters requesters

	holding holding
	session credential.Session // if held
	stamp   string             // of the plan that made the session; "" if unknown
	warned  bool               // the user was notified that the session is about to expire
	jitter  float64            // of its renewal, in [0,1)
	drops   int                // how often the session was dropped on purpose

	flight   *flight // the fetch in progress, or nil
	checking bool    // a background renewal reads the configuration

	backoff backoff

	used   credential.Moment // last asked for
	record cache.Record      // for status and the index
}

func newEntry(r cache.Record) *entry { return &entry{record: r, jitter: rand.Float64()} }

// restored returns the entry of a session that an earlier daemon recorded. The
// session is read from the store at the first request, or when its renewal is due.
func restored(r cache.Record) *entry {
	e := newEntry(r)
	e.requesters.set(r.Query, nil)
	e.used = credential.Moment{Wall: r.LastUsedAt}
	return e
}

// request records that q resolves to p now.
func (e *entry) request(p *credential.Plan, q credential.Query) {
	if before := e.requesters.plan(q); before != nil && before != p {
		e.clearNegative() // the configuration was read again and may have been fixed
	}
	e.requesters.set(q, p)
	if e.stamp == "" {
		// Sessions of an earlier daemon have no stamp and are assumed to be current.
		e.stamp = p.Stamp
	}
	if e.plan == p {
		return
	}
	e.plan = p
	e.record.RoleARN, e.record.Source = p.RoleARN, p.Source
	if p.AccountID != "" {
		e.record.AccountID = p.AccountID
	}
}

// markUsed records one use by q. It reports whether p's profile did not use the
// session before.
func (e *entry) markUsed(p *credential.Plan, q credential.Query, now credential.Moment) (newProfile bool) {
	e.used = now
	e.record.LastUsedAt = now.Wall
	e.record.Uses++
	e.record.Query = q
	if slices.Contains(e.record.Profiles, p.Profile) {
		return false
	}
	// A copy: the record may have been handed out.
	e.record.Profiles = append(slices.Clone(e.record.Profiles), p.Profile)
	slices.Sort(e.record.Profiles)
	return true
}

// publish makes ses the entry's session.
func (e *entry) publish(ses credential.Session) {
	e.session, e.holding, e.warned = ses, held, false
	e.jitter = rand.Float64()
	if ses.AccountID != "" {
		e.record.AccountID = ses.AccountID
	}
	e.record.IssuedAt, e.record.ExpiresAt = ses.Issued.Wall, ses.Expiration
}

// drop forgets the session on purpose. where says where it may still be.
func (e *entry) drop(where holding) {
	e.session, e.holding = credential.Session{}, where
	e.drops++
}

// succeed forgets the failures.
func (e *entry) succeed() {
	e.backoff.clear()
	e.record.LastError = nil
}

// fail records why a fetch failed, and starts the back-off.
func (e *entry) fail(f *credential.Failure, now credential.Moment, network string) {
	e.backoff.fail(f, now, network)
	e.record.LastError = &cache.LastError{Code: f.Code, Message: text.Line(f.Reason), At: now.Wall}
}

// clearNegative forgets a refusal, but not a temporary failure.
func (e *entry) clearNegative() {
	if f := e.backoff.failure; f != nil && f.Final() {
		e.succeed()
	}
}

// manual reports whether each new session needs the user.
func (e *entry) manual() bool { return e.plan != nil && e.plan.Manual }

// outdated reports whether the file that the plan reads has changed since the
// session was made.
func (e *entry) outdated() bool { return e.plan != nil && e.stamp != e.plan.Stamp && !e.manual() }

// usable reports whether the session may be served although it should have been
// renewed.
func (e *entry) usable(now credential.Moment) bool {
	return e.holding == held && e.session.Left(now) > floor
}

// expected reports whether the store should have a session that is still good.
func (e *entry) expected(now credential.Moment) bool {
	return e.holding == unread && e.record.ExpiresAt.After(now.Wall)
}

// warm reports whether the session was used recently enough to be renewed.
func (e *entry) warm(now credential.Moment, keep time.Duration) bool {
	idle, ok := now.Since(e.used)
	if !ok {
		idle = now.Wall.Sub(e.used.Wall)
	}
	return !e.used.Wall.IsZero() && idle < keep
}

// verdict judges the session at now. A manual session is served until it expires,
// except to a login, which makes a new one if it is due.
func (e *entry) verdict(now credential.Moment, login bool) verdict {
	if e.manual() && !login {
		if e.session.Left(now) > floor {
			return serve
		}
		return renewFirst
	}
	return judge(e.session, now, e.jitter)
}

// due returns the time until the session must be renewed; for a manual session, the
// time until it is no longer served.
func (e *entry) due(now credential.Moment) time.Duration {
	if e.manual() {
		return e.session.Left(now) - floor
	}
	return due(e.session, now, e.jitter)
}

// dueIn returns the time until e must be renewed in the background; ok is false if
// there is nothing to renew. For a session not yet read from the store, the record
// says when.
func (e *entry) dueIn(now credential.Moment) (d time.Duration, ok bool) {
	switch {
	case e.manual():
		return 0, false
	case e.holding == held:
		d = e.due(now)
	case e.expected(now):
		d = e.record.RenewAt.Sub(now.Wall)
	default:
		return 0, false
	}
	return max(d, e.backoff.remaining(now, "")), true
}

// wantsUser reports whether the last fetch failed because it needs the user.
func (e *entry) wantsUser() bool {
	return e.backoff.failure != nil && e.backoff.failure.Code == wire.LoginNeeded
}
