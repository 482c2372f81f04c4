package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"understudy/cache"
	"understudy/internal/credential"
	"understudy/internal/singleflight"
)

// storeLimit is how long the store has to answer.
const storeLimit = 3 * time.Second

// guarded is obtain, with a panic turned into an error.
func (f *fetch) guarded(ctx context.Context) (ses credential.Session, err error) {
	defer singleflight.Recover(f.b.cfg.Log, &err)
	return f.obtain(ctx)
}

// obtain reads the session from the store, if that was not done yet; if there is
// none, or it must be renewed, it asks the issuer.
func (f *fetch) obtain(ctx context.Context) (credential.Session, error) {
	f.b.mu.Lock()
	holds := f.e.holding
	f.query, f.renewal, f.first = f.e.record.Query, holds == held, f.e.backoff.fresh(f.network)
	f.b.mu.Unlock()
	if holds == unread {
		if ses, ok := f.load(ctx); ok {
			return ses, nil
		}
	}
	tries := 1
	if f.first && !f.plan.Manual && !f.plan.Runs {
		tries = 2 // a caller waits, and one lost packet is no outage
	}
	for try := 1; ; try++ {
		ses, err := f.fromIssuer(ctx)
		if err == nil {
			return ses, nil
		}
		failure := credential.AsFailure(err)
		if try >= tries || failure.Final() || failure.RetryAfter > time.Second {
			return credential.Session{}, err
		}
		select {
		case <-ctx.Done():
			return credential.Session{}, err
		case <-time.After(200*time.Millisecond + rand.N(200*time.Millisecond)):
		}
	}
}

// load reads the session from the store. ok is false if there is none, or if it must
// be renewed before it is served; then the entry keeps it as a fallback.
func (f *fetch) load(ctx context.Context) (ses credential.Session, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	b, e := f.b, f.e
	b.mu.Lock()
	drops := e.drops
	b.mu.Unlock()
	ses, ok, err := b.cfg.Cache.Load(ctx, e.record.ID)
	now := b.cfg.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if errors.Is(err, cache.ErrUnusable) {
		b.cfg.Log.Warn("a stored session is ignored", "profiles", e.record.Profiles, "reason", err.Error())
		err = nil
	} else if err != nil {
		b.cfg.Log.Warn("the store did not answer", "reason", err.Error())
	}
	switch {
	case e.drops != drops: // it was dropped while it was read
		return credential.Session{}, false
	case err != nil: // read again next time: a new session may need the user
		return credential.Session{}, false
	case !ok || ses.Left(now) <= 0:
		e.holding = none
		return credential.Session{}, false
	}
	e.publish(ses)
	return ses, e.verdict(now, false) != renewFirst
}

// fromIssuer makes one try: the base session first, if there is one, then the call
// that it signs. It publishes the session.
func (f *fetch) fromIssuer(ctx context.Context) (credential.Session, error) {
	var base credential.Session
	for try := 1; ; try++ {
		if f.plan.Base != nil {
			var err error
			if base, err = f.b.base(ctx, f.plan.Base, f.query); err != nil {
				return credential.Session{}, baseError{err}
			}
		}
		ses, err := f.call(ctx, base)
		if err == nil {
			f.publish(ses)
			return ses, nil
		}
		// A base session that is no longer valid is replaced once.
		if failure := credential.AsFailure(err); !failure.BaseRefused || f.plan.Base == nil || try > 1 {
			return credential.Session{}, err
		}
		f.b.dropBase(f.plan.Base.ID, base)
	}
}

func (f *fetch) publish(ses credential.Session) {
	b, e := f.b, f.e
	b.mu.Lock()
	defer b.mu.Unlock()
	e.publish(ses)
	e.stamp = f.plan.Stamp
	e.record.Fetches++
	if !ses.Raw { // a raw key is in the keychain already
		b.cfg.Cache.Put(e.record.ID, ses)
	}
}

// baseError is the failure to get the base session. It says nothing about the
// session that the base signs for, which may outlive it.
type baseError struct{ error }

func (e baseError) Unwrap() error { return e.error }

// dropBase forgets the base session that was refused, unless it was replaced
// already.
func (b *Broker) dropBase(id string, refused credential.Session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.entries[id]; e != nil && e.holding == held && e.session.AccessKeyID == refused.AccessKeyID {
		e.drop(none)
	}
}
