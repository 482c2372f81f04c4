package session

import (
	"context"
	"errors"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// slotTime is the least time that a renewal keeps its slot, so that four slots allow
// 25 renewals a second at most.
const slotTime = maxRenewals * time.Second / 25

// fetch is one fetch of e's session.
type fetch struct {
	b       *Broker
	e       *entry
	plan    *credential.Plan
	network string // at the start of the fetch
	probe   bool   // its call is the probe of an open breaker

	query   credential.Query // of the last caller
	renewal bool             // a session is in memory already
	first   bool             // no fetch has failed on this network
}

// call asks the issuer once. Renewals wait for a slot. First sessions do not, since
// callers wait for them, nor does a fetch that may ask the user, which could hold a
// slot for minutes.
func (f *fetch) call(ctx context.Context, base credential.Session) (ses credential.Session, err error) {
	if f.renewal && f.plan.Asks == "" {
		release, err := f.b.turn(ctx)
		if err != nil {
			return credential.Session{}, err
		}
		defer release()
	}
	if down := f.allow(); down != nil {
		return credential.Session{}, heldBack{down}
	}
	err = errors.New("no answer") // recorded if Fetch panics
	defer func() { f.record(err) }()
	ses, err = f.plan.Fetch(ctx, base)
	if err != nil {
		return credential.Session{}, err
	}
	if bad := ses.Check(f.b.cfg.Now()); bad != nil {
		err = &credential.Failure{Code: wire.Temporary, Reason: bad.Error(), Hint: "the answer was refused whole; see: understudy daemon logs"}
		return credential.Session{}, err
	}
	return ses, nil
}

// turn waits for a slot. A slot is kept for slotTime even if the issuer answers
// faster, which bounds the renewals per second.
func (b *Broker) turn(ctx context.Context) (release func(), err error) {
	select {
	case b.slots <- struct{}{}:
		began := time.Now()
		return func() { time.AfterFunc(slotTime-time.Since(began), func() { <-b.slots }) }, nil
	case <-ctx.Done():
		return nil, &credential.Failure{Code: wire.Temporary, Reason: "many sessions are being renewed at once", Hint: "try again in some seconds"}
	}
}

// heldBack is the error of a call that was not made because the issuer's circuit
// breaker is open. It says nothing about the session.
type heldBack struct{ *credential.Failure }

func (h heldBack) Unwrap() error { return h.Failure }

// allow asks the issuer's circuit breaker before each call. It returns why the call
// must not be made; nil if it may.
func (f *fetch) allow() *credential.Failure {
	b := f.b
	b.mu.Lock()
	defer b.mu.Unlock()
	br := b.breakers[f.plan.Issuer]
	if down, _ := br.refusal(b.cfg.Now(), f.network, false); down != nil {
		return down
	}
	if br.open() && !br.moved(f.network) {
		br.probing, f.probe = true, true
		b.outages.probes.Add(1)
	}
	return nil
}

// record records the outcome of a call in the issuer's circuit breaker. Any outcome
// other than a temporary failure closes it.
func (f *fetch) record(err error) {
	b, issuer := f.b, f.plan.Issuer
	if issuer == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.probe {
		f.probe = false
		b.outages.probes.Add(-1)
	}
	br := b.breakers[issuer]
	if err == nil || credential.AsFailure(err).Final() {
		delete(b.breakers, issuer)
		if br.open() {
			b.wakeRenewals() // much may be due
		}
		return
	}
	if br == nil {
		br = &breaker{}
		b.breakers[issuer] = br
	}
	if br.record(f.plan.ID, credential.AsFailure(err), b.cfg.Now(), f.network) {
		b.outages.extend(&br.backoff)
	}
}
