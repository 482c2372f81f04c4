package daemon

import (
	"math/rand/v2"
	"slices"
	"time"

	"understudy/cache"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// entry is what the server knows of one session identity. The server's mutex
// guards it.
type entry struct {
	plan   *credential.Plan // as asked for last; nil until it was since the start
	askers askers

	session credential.Session
	has     bool    // session is there
	stamp   string  // of the plan that the session was made by; empty when not known
	told    bool    // a person was told that it ends
	jitter  float64 // of this session's renewal
	loaded  bool    // the cache's store was asked since the start
	epoch   int     // counts how often the session was dropped on purpose

	flight   *flight // the fetch under way, or nil
	checking bool    // a renewal in the background reads the configuration

	failure  *credential.Failure // of the last fetch; nil after a good one
	failures int                 // in a row
	restFrom credential.Moment   // nothing is fetched
	restFor  time.Duration       // so long from there
	where    string              // the network of the last fetch

	used   credential.Moment // last asked for
	record cache.Record      // what status and the index say of it
	noted  credential.Moment // when the cache last got record
}

// restored is the entry of a session that an earlier daemon recorded. The
// session itself is read from the store when somebody asks or it is due.
func restored(r cache.Record) *entry {
	return &entry{
		askers: askers{{query: r.Query}},
		record: r, used: credential.Moment{Wall: r.LastUsedAt}, jitter: rand.Float64(),
	}
}

// entryLocked finds or makes p's entry. s.mu must be held.
func (s *Server) entryLocked(p *credential.Plan, q credential.Query) *entry {
	e := s.entries[p.ID]
	if e == nil {
		e = &entry{jitter: rand.Float64(), record: cache.Record{ID: p.ID}}
		s.entries[p.ID] = e
	}
	if before := e.askers.plan(q); before != nil && before != p && e.failure != nil && e.failure.Final() {
		// This asker's configuration was read anew: what was refused may be
		// allowed now.
		e.clearFailure()
	}
	e.askers.set(q, p)
	if e.plan != p {
		e.plan = p
		e.record.RoleARN, e.record.Source = p.RoleARN, p.Source
		if p.AccountID != "" {
			e.record.AccountID = p.AccountID
		}
	}
	return e
}

// touch notes that somebody asked.
func (e *entry) touch(p *credential.Plan, q credential.Query, now credential.Moment) {
	e.used = now
	e.record.LastUsedAt = now.Wall
	e.record.Uses++
	e.record.Query = q
	if !slices.Contains(e.record.Profiles, p.Profile) {
		// A copy: status may be reading the old one.
		e.record.Profiles = append(slices.Clone(e.record.Profiles), p.Profile)
		slices.Sort(e.record.Profiles)
		e.noted = credential.Moment{} // this is more than a use
	}
}

// drop forgets the session on purpose.
func (e *entry) drop() {
	e.session, e.has = credential.Session{}, false
	e.epoch++
}

// outdated reports whether what p reads has changed since the session was made.
// Of one that an earlier daemon made that is not known, and it is taken to be as
// p finds it.
func (e *entry) outdated(p *credential.Plan) bool {
	if e.stamp == "" {
		e.stamp = p.Stamp
	}
	return e.stamp != p.Stamp && !e.manual()
}

// publish makes ses the entry's session, whole.
func (e *entry) publish(ses credential.Session) {
	e.session, e.has, e.told = ses, true, false
	e.jitter = rand.Float64()
	if ses.AccountID != "" {
		e.record.AccountID = ses.AccountID
	}
	e.record.IssuedAt, e.record.ExpiresAt = ses.Issued.Wall, ses.Expiration
}

func (e *entry) clearFailure() {
	e.failure, e.failures, e.restFor = nil, 0, 0
	e.record.LastError = nil
}

// fail records why a fetch did not succeed and for how long nobody tries again.
func (e *entry) fail(f *credential.Failure, now credential.Moment) {
	e.failure = f
	e.failures++
	switch {
	case f.Code == wire.LoginNeeded && f.RetryAfter > 0:
		e.rest(now, min(f.RetryAfter, refusalMemory))
	case f.Final():
		e.rest(now, refusalMemory)
	default:
		e.rest(now, patienceFor(f, e.failures))
	}
	e.record.LastError = &cache.LastError{Code: f.Code, Message: text.Line(f.Reason), At: now.Wall}
}

// patienceFor is for how long nobody tries after the nth temporary failure.
func patienceFor(f *credential.Failure, n int) time.Duration {
	return max(backoff(n, rand.Float64()), min(f.RetryAfter, maxRetryAfter))
}

// rest keeps the issuer from being asked for d.
func (e *entry) rest(now credential.Moment, d time.Duration) { e.restFrom, e.restFor = now, d }

const (
	// refusalMemory: several SDKs run the helper twice for one failure.
	refusalMemory = 30 * time.Second
	// maxRetryAfter bounds what an answer can make us wait.
	maxRetryAfter = 5 * time.Minute
)

// resting returns how long the rest still lasts, 0 when it is over.
func (e *entry) resting(now credential.Moment) time.Duration {
	return remaining(e.restFrom, e.restFor, now)
}

// remaining returns what is left at now of a time that began at from, 0 when it
// is over.
func remaining(from credential.Moment, long time.Duration, now credential.Moment) time.Duration {
	if long == 0 {
		return 0
	}
	passed, ok := now.Since(from)
	if !ok {
		passed = now.Wall.Sub(from.Wall)
	}
	return max(long-max(passed, 0), 0)
}

// usable reports whether the session may be served although it should have been
// renewed.
func (e *entry) usable(now credential.Moment) bool {
	return e.has && e.session.Left(now) > floor
}

// warm reports whether the session was asked for lately enough to be kept.
func (e *entry) warm(now credential.Moment, keep time.Duration) bool {
	idle, ok := now.Since(e.used)
	if !ok {
		idle = now.Wall.Sub(e.used.Wall)
	}
	return !e.used.Wall.IsZero() && idle < keep
}
