// Package session is the broker: it owns every session. It answers from memory,
// fetches a session if there is none, renews it before it ends, and makes one
// fetch per session at a time however many callers ask (single flight).
//
// Get is the way in. It works in process and knows no socket: a front end passes
// it the caller, for the policy, and an Asker, to reach the user. How a session is
// fetched comes with a credential.Plan, so the broker knows no STS; what outlives
// the process is the business of cache, so it knows no keychain.
//
// The files build on one another, the lowest first: schedule (when a session is
// renewed), backoff and breaker (when an issuer may be asked), entry (one session
// and what is known of it), decide (what to do for a request, a pure function),
// broker (what all entries share), call (one call of an issuer), fetch (how a
// session is obtained), flight (one fetch for all who wait), wait (one caller that
// waits), get (a request), and renew (the background).
package session

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"understudy/cache"
	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// Config says what a Broker works with. Resolve and Cache are required.
type Config struct {
	// Resolve turns a query into a plan, from the configuration as it is now. It
	// is called with every request, so it must be quick if nothing changed. Its
	// error is or wraps a *credential.Failure.
	Resolve func(context.Context, credential.Query) (*credential.Plan, error)

	Cache *cache.Cache

	// Policy decides about every request before it is answered; nil allows all and
	// logs nothing.
	Policy Policy
	// Desk asks the user for what a fetch needs; nil means that no one is asked.
	Desk *prompt.Desk
	// Notify shows the user a desktop notification; nil means that there is none.
	// It is called on a goroutine of its own.
	Notify func(ctx context.Context, title, text string)
	// Forgotten is called when the user has everything forgotten: other secrets
	// are to be deleted too. It must not wait; nil means that there are none.
	Forgotten func()

	KeepWarm time.Duration            // how long after its last use a session is renewed; 0 means 2 h
	Now      func() credential.Moment // nil means credential.Now
	Log      *slog.Logger             // nil means discard

	// Network names the network that the machine is on. After a change a failed
	// fetch is tried again at the next request. Nil means that it is not looked at.
	Network func() string
}

// Broker owns the sessions of one daemon. Its methods may be called from any
// goroutine.
type Broker struct {
	cfg        Config
	life       context.Context // of every fetch, which outlives its callers
	stop       context.CancelCauseFunc
	wake       chan struct{} // the renewal loop has to look again
	goroutines sync.WaitGroup
	slots      chan struct{} // renewals in flight
	outages    outages

	// base returns the session that signs the call for another one. It is
	// baseSession, set by New, since a fetch is part of what Get does.
	base func(context.Context, *credential.Plan, credential.Query) (credential.Session, error)

	mu           sync.Mutex // guards what follows and every entry; never held over I/O
	entries      map[string]*entry
	breakers     map[string]*breaker // by issuer; only of those that failed last
	renewing     int                 // background renewals in progress
	due          []*entry            // found by the renewal loop, the most urgent first
	keepWarm     time.Duration
	environments environments
}

// maxRenewals is how many sessions are renewed at the same time: after a laptop's
// sleep a hundred may be due in the same second.
const maxRenewals = 4

// rouse has the renewal loop look again.
func (b *Broker) rouse() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// network names the network that the machine is on; "" if it is not known.
func (b *Broker) network() string {
	if b.cfg.Network == nil {
		return ""
	}
	return b.cfg.Network()
}

// entryLocked finds or makes p's entry. The caller holds b.mu.
func (b *Broker) entryLocked(p *credential.Plan) *entry {
	e := b.entries[p.ID]
	if e == nil {
		e = newEntry(cache.Record{ID: p.ID})
		b.entries[p.ID] = e
	}
	return e
}

// dropLocked forgets e and has its stored session deleted. The caller holds b.mu.
func (b *Broker) dropLocked(e *entry) {
	delete(b.entries, e.record.ID)
	b.cfg.Cache.Delete(e.record.ID)
}

// warmLocked reports whether e was asked for recently enough to be renewed. The
// caller holds b.mu.
func (b *Broker) warmLocked(e *entry, now credential.Moment) bool { return e.warm(now, b.keepWarm) }

// records returns the records of all sessions, for the index of the cache.
func (b *Broker) records() []cache.Record {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]cache.Record, 0, len(b.entries))
	for _, e := range b.entries {
		all = append(all, e.record)
	}
	return all
}

var errStopping = errors.New(wire.Stopping)
