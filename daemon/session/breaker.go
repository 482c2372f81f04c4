package session

import (
	"slices"
	"sync/atomic"
	"time"

	"understudy/internal/credential"
)

// breaker is the circuit breaker of one issuer. Each session has a back-off of its
// own, but that does not protect an issuer from a thousand sessions. So after calls
// for several sessions have failed with no answer in between, one call at a time
// probes for all, until one is answered. One failing role does not open the
// breaker: answers for other roles come in between.
type breaker struct {
	backoff
	failed  []string // IDs of the sessions that failed since the last answer, each once
	probing bool     // a probe is in progress
}

// tripAt is how many sessions have to fail before the breaker opens.
const tripAt = 3

func (br *breaker) open() bool { return br != nil && len(br.failed) >= tripAt }

// refusal returns why no call may be made now, and for how long at least; nil if
// one may be made. An interactive caller does not wait for a back-off, only for a
// probe. A nil breaker refuses nothing.
func (br *breaker) refusal(now credential.Moment, network string, interactive bool) (*credential.Failure, time.Duration) {
	if !br.open() || br.moved(network) {
		return nil, 0
	}
	if d := br.remaining(now, network); d > 0 && !interactive {
		return br.failure, d
	}
	if br.probing {
		return br.failure, time.Second
	}
	return nil, 0
}

// record records a failed call for session id on network. It reports whether it
// started a new back-off.
func (br *breaker) record(id string, f *credential.Failure, now credential.Moment, network string) bool {
	if br.moved(network) {
		*br = breaker{}
	}
	if len(br.failed) < tripAt && !slices.Contains(br.failed, id) {
		br.failed = append(br.failed, id)
	}
	if !br.open() || br.failures > 0 && !br.probing {
		return false // not open, or a call that began before it opened
	}
	br.probing = false
	br.fail(f, now, network)
	return true
}

// outages tracks whether a back-off may be in progress that a change of network
// would end. Only then is the network looked up, which takes several system calls.
// It is written under the broker's lock and read without it.
type outages struct {
	last   atomic.Pointer[outage]
	probes atomic.Int64 // in progress
}

type outage struct {
	since credential.Moment
	wait  time.Duration
}

func (o *outage) remaining(now credential.Moment) time.Duration {
	if o == nil {
		return 0
	}
	return left(o.since, o.wait, now)
}

// extend records b's back-off, if a change of network would end it.
func (o *outages) extend(b *backoff) {
	if d := b.wait; b.ofNetwork() && d > o.last.Load().remaining(b.since) {
		o.last.Store(&outage{b.since, d})
	}
}

func (o *outages) any(now credential.Moment) bool {
	return o.last.Load().remaining(now) > 0 || o.probes.Load() > 0
}
