package session

import (
	"math/rand/v2"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// backoff says when to try again after a failure, and remembers a refusal for a
// while (a negative cache). There is one per session, and one in the circuit
// breaker of each issuer.
type backoff struct {
	failure  *credential.Failure // of the last try; nil after a success
	failures int                 // in a row, on this network
	since    credential.Moment   // when the wait began
	wait     time.Duration       // how long nothing is tried, from since
	network  string              // of the last try
}

const (
	// negativeTTL is how long a refusal is remembered: several SDKs run the helper
	// twice for one failure.
	negativeTTL = 30 * time.Second
	// maxRetryAfter bounds the wait that a response can ask for.
	maxRetryAfter = 5 * time.Minute
)

// fail records a failure on network, and starts the wait before the next try.
func (b *backoff) fail(f *credential.Failure, now credential.Moment, network string) {
	if network != b.network {
		b.network, b.failures = network, 0
	}
	b.failure = f
	b.failures++
	switch {
	case f.Code == wire.LoginNeeded && f.RetryAfter > 0:
		b.pause(now, min(f.RetryAfter, negativeTTL))
	case f.Final():
		b.pause(now, negativeTTL)
	default:
		b.pause(now, max(delay(b.failures, rand.Float64()), min(f.RetryAfter, maxRetryAfter)))
	}
}

// pause stops tries for d, from now.
func (b *backoff) pause(now credential.Moment, d time.Duration) { b.since, b.wait = now, d }

// clear forgets the failures: a try succeeded.
func (b *backoff) clear() { b.failure, b.failures, b.wait = nil, 0, 0 }

// remaining returns how long to wait before the next try; 0 if it may be made now.
// After a change of network it is 0, unless the issuer itself said how long to wait
// or refused for good. An empty network is unknown.
func (b *backoff) remaining(now credential.Moment, network string) time.Duration {
	if b.moved(network) {
		return 0
	}
	return left(b.since, b.wait, now)
}

// moved reports whether the failure may be due to another network than this one,
// so that it says nothing about this one.
func (b *backoff) moved(network string) bool {
	return network != "" && network != b.network && b.ofNetwork()
}

// ofNetwork reports whether the network may have caused the failure: the issuer has
// neither refused for good nor said how long to wait.
func (b *backoff) ofNetwork() bool {
	return b.failure != nil && !b.failure.Final() && b.failure.RetryAfter == 0
}

// fresh reports whether no try failed on network.
func (b *backoff) fresh(network string) bool { return b.failures == 0 || b.moved(network) }

// left returns how much of d, which began at from, is left at now; 0 if it is over.
func left(from credential.Moment, d time.Duration, now credential.Moment) time.Duration {
	if d == 0 {
		return 0
	}
	passed, ok := now.Since(from)
	if !ok {
		passed = now.Wall.Sub(from.Wall)
	}
	return max(d-max(passed, 0), 0)
}

// delay returns how long to wait after the nth failure in a row (n from 1): 1, 2,
// 4 .. 60 s and up to a fifth more, so that after an outage the machines of a
// company do not all ask in the same second.
func delay(n int, jitter float64) time.Duration {
	d := min(time.Second<<min(n-1, 6), time.Minute)
	return d + time.Duration(jitter*float64(d)/5)
}
