package session

import (
	"context"
	"errors"
	"time"

	"understudy/internal/credential"
	"understudy/internal/singleflight"
	"understudy/internal/wire"
)

// Limits of a fetch. A caller waits for wire.FetchWait, so it is answered a little
// earlier.
const (
	flightLimit = wire.FetchWait
	callerLimit = wire.FetchWait - 700*time.Millisecond
	// slowFlightLimit is for a fetch that runs a command: a minute for the command,
	// and the rest for the call after it.
	slowFlightLimit = 75 * time.Second
	// askedFlightLimit is for a fetch that may ask the user up to three times. Each
	// question and each call of the issuer has a limit of its own.
	askedFlightLimit = 12 * time.Minute
)

// flightLocked returns e's flight, and starts one if there is none. A background
// flight does not ask the user. The caller holds b.mu.
func (b *Broker) flightLocked(e *entry, background bool) *flight {
	if e.flight != nil {
		return e.flight
	}
	f := &flight{e.plan, singleflight.New[credential.Session]()}
	e.flight = f
	b.goroutines.Go(func() {
		ctx, cancel := context.WithTimeout(b.life, limitOf(f.plan, background))
		defer cancel()
		if background {
			ctx = credential.Unattended(ctx)
		}
		network := b.network()
		ses, err := (&fetch{b: b, e: e, plan: f.plan, network: network}).guarded(ctx)
		b.land(e, f, network, ses, err)
	})
	return f
}

func limitOf(p *credential.Plan, background bool) time.Duration {
	switch {
	case p.About() != nil && !background:
		return askedFlightLimit
	case p.Slow():
		return slowFlightLimit
	}
	return flightLimit
}

// land ends e's flight f with its outcome, and wakes all waiters.
func (b *Broker) land(e *entry, f *flight, network string, ses credential.Session, err error) {
	now := b.cfg.Now()
	b.mu.Lock()
	failure, err := b.outcomeLocked(e, f.plan, network, now, err)
	if e.holding == held {
		e.record.RenewAt = now.Wall.Add(e.due(now))
	}
	profiles, role := e.record.Profiles, e.record.RoleARN
	// A request from now on starts another flight and does not get this outcome.
	e.flight = nil
	b.mu.Unlock()
	b.cfg.Cache.Changed()
	f.End(ses, err)
	if failure != nil && !failure.Unasked {
		b.cfg.Log.Info("no session", "profiles", profiles, "role", role, "code", failure.Code, "reason", failure.Reason)
	}
	b.wakeRenewals()
}

// outcomeLocked records in e that a fetch with this plan ended with err. It returns the
// failure, unless it says nothing about the session, and the error for the waiters. The
// caller holds b.mu.
func (b *Broker) outcomeLocked(e *entry, p *credential.Plan, network string, now credential.Moment, err error) (*credential.Failure, error) {
	if err == nil {
		e.succeed()
		b.answeredLocked(p)
		return nil, nil
	}
	if b.life.Err() != nil {
		return nil, stopping()
	}
	if _, ok := errors.AsType[heldBack](err); ok {
		return nil, err
	}
	failure := credential.AsFailure(err)
	e.fail(failure, now, network)
	b.outages.extend(&e.backoff)
	if _, ofBase := errors.AsType[baseError](err); failure.Code == wire.Denied && !ofBase {
		e.drop(none)
		b.cfg.Cache.Delete(e.record.ID) // a later daemon must not serve it either
	}
	return failure, err
}

// answeredLocked clears the failures of sessions that needed the user, if they are
// based on the session of answered or need the same answer. The caller holds b.mu.
func (b *Broker) answeredLocked(answered *credential.Plan) {
	if answered.Asks == "" {
		return
	}
	for _, other := range b.entries {
		if !other.wantsUser() {
			continue
		}
		for p := other.plan; p != nil; p = p.Base {
			if p.ID == answered.ID || p.Asks == answered.Asks {
				other.succeed()
				break
			}
		}
	}
}

func stopping() *credential.Failure {
	return &credential.Failure{Code: wire.Temporary, Reason: errStopping.Error(), Hint: "try again: the next call starts a new one"}
}
