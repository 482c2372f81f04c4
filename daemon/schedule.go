package daemon

import (
	"time"

	"understudy/internal/credential"
)

// verdict is what to do with a session that somebody asks for.
type verdict int

const (
	serve         verdict = iota // it is good as it is
	serveAndRenew                // it is good, and a new one should be fetched meanwhile
	renewFirst                   // it is so near its end that SDKs ask for another on every use
)

// floor is what must be left of a session that is served because its renewal
// failed: less does not see a request through.
const floor = 60 * time.Second

// thresholds returns, for a session of life l, how much of it is left when it
// is renewed in the background, and when it is renewed before answering. They
// follow from the SDKs: botocore asks again on every use with 15 minutes left
// and others with 5, so a session of an hour is never served with less than 20
// left, and one of 15 minutes, the shortest STS issues, as late as can be.
// A threshold that a new session could not meet is scaled down.
func thresholds(l time.Duration) (background, first time.Duration) {
	switch {
	case l >= 90*time.Minute:
		return 75 * time.Minute, 20 * time.Minute
	case l >= 45*time.Minute:
		return 25 * time.Minute, 20 * time.Minute
	case l >= 20*time.Minute:
		return l - 8*time.Minute, 16 * time.Minute
	}
	background, first = 8*time.Minute, 6*time.Minute
	if l <= background {
		background = l * 8 / 15
	}
	if l <= first {
		first = max(l*6/15, floor)
	}
	return background, first
}

// spread returns how much earlier than its threshold a session of life l is
// renewed in the background. jitter, in [0,1), is the session's own, so that
// sessions fetched together are not renewed together.
func spread(l time.Duration, jitter float64) time.Duration {
	background, _ := thresholds(l)
	widest := min(3*time.Minute, (l-background)/4)
	return time.Duration(jitter * float64(widest))
}

// judge decides about session ses at now. It is a pure function: the whole of
// when sessions are renewed stands here.
//
// What is left is the smaller of two clocks' words. When the wall clock is off
// against the issuer's, a new session would arrive as short as the old one is,
// so on the wall clock's word alone a session is renewed no more often than
// each eighth of its life, and not at all while even a new one could not be
// served.
func judge(ses credential.Session, now credential.Moment, jitter float64) verdict {
	background, first := thresholds(ses.Lifetime)
	background += spread(ses.Lifetime, jitter)
	left := ses.Left(now)
	if age, ok := now.Since(ses.Issued); ok {
		steady := ses.Lifetime - age
		short := steady - left // what the wall clock takes off
		if age < ses.Lifetime/8 || ses.Lifetime-short <= floor {
			left = steady
		}
	}
	switch {
	case left < first:
		return renewFirst
	case left < background:
		return serveAndRenew
	}
	return serve
}

// due returns in how long judge will first say serveAndRenew, on the clock that
// speaks first; not positive when it does already.
func due(ses credential.Session, now credential.Moment, jitter float64) time.Duration {
	if judge(ses, now, jitter) != serve {
		return 0
	}
	background, first := thresholds(ses.Lifetime)
	at := max(background+spread(ses.Lifetime, jitter), first)
	left := ses.Left(now)
	age, ok := now.Since(ses.Issued)
	if !ok {
		return max(left-at, time.Second)
	}
	steady := ses.Lifetime - age
	wait := steady - at
	if short := steady - left; short > 0 && ses.Lifetime-short > floor {
		wait = min(wait, max(left-at, ses.Lifetime/8-age))
	}
	return max(wait, time.Second)
}

// backoff returns how long to leave the issuer alone after the nth failure in a
// row (n from 1): 1, 2, 4 .. 60 s and up to a fifth more, so that after an
// outage the machines of a company do not all return in the same second.
func backoff(n int, jitter float64) time.Duration {
	d := min(time.Second<<min(n-1, 6), time.Minute)
	return d + time.Duration(jitter*float64(d)/5)
}
