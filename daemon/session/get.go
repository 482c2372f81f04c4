package session

import (
	"context"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// Get returns the session that q asks for, as w wants it, if the policy allows it.
// ctx bounds the wait, not the fetch, which continues when the caller is gone, so
// that the next request is answered at once. An error is or wraps a
// *credential.Failure, or is ErrGone.
func (b *Broker) Get(ctx context.Context, q credential.Query, w Want) (credential.Session, error) {
	p, err := b.plan(ctx, &q, w)
	if err == nil && b.cfg.Policy != nil {
		w.Caller, err = b.cfg.Policy.Check(ctx, w.Caller, p)
	}
	if err == nil && w.Login {
		err = b.login(ctx, p, q, w)
	}
	var ses credential.Session
	if err == nil {
		ses, err = b.session(ctx, p, q, w)
	}
	if b.cfg.Policy != nil {
		b.cfg.Policy.Record(w.Caller, q.Profile, p, err)
	}
	return ses, err
}

// login fetches the sessions that p is based on and that need the user, if they are
// missing or due, the lowest first. p's own session comes after them.
func (b *Broker) login(ctx context.Context, p *credential.Plan, q credential.Query, w Want) error {
	if p.Base == nil {
		return nil
	}
	if err := b.login(ctx, p.Base, q, w); err != nil || p.Base.Asks == "" {
		return err
	}
	_, err := b.session(ctx, p.Base, q, w)
	return err
}

// baseSession returns the session that signs the call for another one, for a fetch
// in progress.
func (b *Broker) baseSession(ctx context.Context, p *credential.Plan, q credential.Query) (credential.Session, error) {
	return b.session(ctx, p, q, Want{base: true, background: credential.IsUnattended(ctx)})
}

// session returns the session of p.
func (b *Broker) session(ctx context.Context, p *credential.Plan, q credential.Query, w Want) (credential.Session, error) {
	for {
		ses, ticket, err := b.begin(p, q, w)
		if ticket != nil {
			ses, err = b.finish(ctx, ticket, q, w)
		}
		if w.background || err == nil || !credential.AsFailure(err).Unasked {
			return ses, err
		}
		// The flight was a background one, which could not ask the user: try again.
	}
}

// ticket is what a caller needs to wait for a flight.
type ticket struct {
	entry  *entry
	flight *flight
	seat   *prompt.Seat // nil if the flight asks the user nothing, or for a base
}

// begin decides what to do for a request, and does it. If the ticket is nil, the
// session or the error is the answer; else finish waits for it.
func (b *Broker) begin(p *credential.Plan, q credential.Query, w Want) (credential.Session, *ticket, error) {
	now, network := b.cfg.Now(), ""
	if b.outages.any(now) {
		network = b.network()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entryLocked(p)
	e.request(p, q)
	b.useLocked(e, p, q, now)
	br := b.breakers[p.Issuer]
	d := decide(e, br, w, now, network)
	if d.renew {
		b.renewLocked(e)
	}
	switch d.do {
	case serveNow:
		ses, err := valid(e.session, now)
		return ses, nil, err
	case refuse:
		return credential.Session{}, nil, d.failure
	}
	if w.interactive() {
		b.clearNegativeLocked(p, br)
	}
	seat := b.sit(p, w) // before there can be a question
	return credential.Session{}, &ticket{e, b.flightLocked(e, w.background), seat}, nil
}

// sit takes a seat at the desk for a caller whose flight may ask the user.
func (b *Broker) sit(p *credential.Plan, w Want) *prompt.Seat {
	about := p.About()
	if w.base || about == nil {
		return nil
	}
	seat := b.cfg.Desk.Sit(about, w.Login)
	if w.Device {
		seat.Elsewhere()
	}
	return seat
}

// finish waits for the flight. If it fails, the old session is served as long as it
// is usable.
func (b *Broker) finish(ctx context.Context, t *ticket, q credential.Query, w Want) (credential.Session, error) {
	if t.seat != nil {
		defer t.seat.Leave()
	}
	err := b.wait(ctx, t.flight, q, w, t.seat)
	now := b.cfg.Now()
	if err == nil {
		ses, _ := t.flight.Result()
		return valid(ses, now)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.entry.usable(now) {
		return t.entry.session, nil
	}
	return credential.Session{}, err
}

// useLocked records that q uses e now. The caller holds b.mu.
func (b *Broker) useLocked(e *entry, p *credential.Plan, q credential.Query, now credential.Moment) {
	if !b.warmLocked(e, now) {
		b.wakeRenewals() // the renewal loop had no timer for it
	}
	if e.markUsed(p, q, now) {
		b.cfg.Cache.Changed()
	} else {
		b.cfg.Cache.Used()
	}
}

// clearNegativeLocked forgets the refusals of p and of the plans that it is based on,
// and the back-off of its issuer, because the user wants an answer now. The caller
// holds b.mu.
func (b *Broker) clearNegativeLocked(p *credential.Plan, br *breaker) {
	if br != nil {
		br.wait = 0
	}
	for ; p != nil; p = p.Base {
		if e := b.entries[p.ID]; e != nil {
			e.clearNegative()
		}
	}
}

// valid returns ses, or a failure if it has expired by the wall clock although not by
// the boot clock: SDKs would treat it, and any new session, as expired.
func valid(ses credential.Session, now credential.Moment) (credential.Session, error) {
	if ses.Left(now) > 0 {
		return ses, nil
	}
	return credential.Session{}, &credential.Failure{Code: wire.Temporary,
		Reason: "this machine's clock is hours ahead of AWS, so every session reads as expired at " + ses.Expiration.Format(credential.TimeFormat),
		Hint:   "set the clock; it reads " + now.Wall.UTC().Format(credential.TimeFormat) + " now"}
}
