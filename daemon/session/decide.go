package session

import (
	"understudy/internal/credential"
)

// action is what is done for a request.
type action uint8

const (
	serveNow action = iota // hand out the session as it is
	join                   // wait for the fetch in progress
	start                  // start a fetch and wait for it
	refuse                 // report the failure
)

// decision is what decide returns.
type decision struct {
	do      action
	renew   bool                // with serveNow: start a background renewal, too
	failure *credential.Failure // with refuse
}

// decide decides what to do for a request. e is its entry, with the plan of the
// request; br is the circuit breaker of the plan's issuer, nil if the last call was
// answered; network is "" if it is unknown. decide is a pure function. Together with
// judge, it decides alone when a session is served, fetched or refused.
func decide(e *entry, br *breaker, w Want, now credential.Moment, network string) decision {
	waits := e.backoff.remaining(now, network) > 0
	down, _ := br.refusal(now, network, w.interactive())
	if e.holding == held {
		switch e.verdict(now, w.Login) {
		case serve:
			return decision{do: serveNow, renew: e.outdated() && !waits}
		case serveAndRenew:
			return decision{do: serveNow, renew: !waits && (e.outdated() || down == nil && !e.manual())}
		}
	}
	if e.flight != nil {
		return decision{do: join}
	}
	failure := down
	if f := e.backoff.failure; f != nil && waits && !ignores(w, f) {
		failure = f
	}
	switch {
	case failure == nil:
		return decision{do: start}
	case e.usable(now):
		return decision{do: serveNow}
	}
	return decision{do: refuse, failure: failure}
}

// ignores reports whether w is tried in spite of failure f. An interactive caller
// ignores a refusal that was for good: the user may have fixed the cause. A caller
// that waits ignores that a background fetch could not ask the user.
func ignores(w Want, f *credential.Failure) bool {
	return w.interactive() && f.Final() || !w.background && f.Unasked
}
