// Package session is the broker: it owns every session. It answers from memory,
// fetches a session if there is none, renews it before it expires, and makes one
// fetch per session at a time however many callers ask (single flight).
//
// Get is the entry point. A front end passes it the caller, for the policy, and an
// Asker, to reach the user, so the broker does not depend on the socket. A
// credential.Plan says how to fetch a session, so it does not depend on STS; cache
// stores what outlives the process, so it does not depend on the keychain.
//
// The files build on one another, the lowest first: schedule (when a session is
// renewed), backoff and breaker (when an issuer may be asked), entry (one session
// and its state), decide (what to do for a request, a pure function), broker (what
// all entries share), call (one call of an issuer), fetch (how a session is
// obtained), flight (one fetch for all waiters), wait (one waiting caller), get (a
// request), and renew (the background renewals).
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

	// Policy decides about every Get before it is answered; nil allows all and logs
	// nothing.
	Policy Policy
	// Desk asks the user the questions of a fetch; nil means that the user is never
	// asked.
	Desk *prompt.Desk
	// Notify shows the user a desktop notification; nil means that none is shown.
	// It is called on a goroutine of its own.
	Notify func(ctx context.Context, title, text string)
	// Forgotten is called when the user forgets all sessions, to delete the secrets
	// that are not sessions, such as sign-ins. It must not block; nil means that
	// there are none.
	Forgotten func()

	KeepWarm time.Duration            // how long after its last use a session is renewed; 0 means 2 h
	Now      func() credential.Moment // nil means credential.Now
	Log      *slog.Logger             // nil means discard

	// Network names the network that the machine is on. After a change a failed
	// fetch is tried again at the next request. Nil means that changes of network
	// are not noticed.
	Network func() string
}

// Broker owns the sessions of one daemon. Its methods may be called from any
// goroutine.
type Broker struct {
	cfg        Config
	life       context.Context // of every fetch, which outlives its callers
	stop       context.CancelCauseFunc
	wake       chan struct{} // wakes the renewal loop
	goroutines sync.WaitGroup
	slots      chan struct{} // renewals in flight
	outages    outages

	// base returns the session that signs the call for another one. It is
	// baseSession; New sets it, because fetch.go may not refer to get.go above it.
	base func(context.Context, *credential.Plan, credential.Query) (credential.Session, error)

	mu           sync.Mutex // guards what follows and every entry; never held over I/O
	entries      map[string]*entry
	breakers     map[string]*breaker // by issuer; only those whose last call failed
	renewing     int                 // background renewals in progress
	due          []*entry            // found by the renewal loop, the most urgent first
	keepWarm     time.Duration
	environments environments
}

// maxRenewals is how many sessions are renewed at the same time: after a laptop's
// sleep a hundred may be due in the same second.
const maxRenewals = 4

// wakeRenewals makes the renewal loop look again.
func (b *Broker) wakeRenewals() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// network names the network that the machine is on; "" if it is unknown.
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
