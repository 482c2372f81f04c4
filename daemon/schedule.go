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

// judge decides about session ses at now. It is a pure function; with due and
// leftFor it is the whole of when sessions are renewed.
func judge(ses credential.Session, now credential.Moment, jitter float64) verdict {
	background, first := thresholds(ses.Lifetime)
	background += spread(ses.Lifetime, jitter)
	switch {
	case leftFor(first, ses, now) < first:
		return renewFirst
	case leftFor(background, ses, now) < background:
		return serveAndRenew
	}
	return serve
}

// settle is how old a session is at least when it is renewed on the wall
// clock's word alone.
const settle = time.Minute

// leftFor returns what is left of ses, to be held against a threshold: the
// smaller of two clocks' words.
//
// When the wall clock is off against the issuer's, a new session would arrive as
// short as the old one is. So on the wall clock's word alone a session is not
// renewed in its first minute; where even a new one would not meet the
// threshold, not in the first eighth of its life; and where a new one could not
// be served at all, never.
func leftFor(threshold time.Duration, ses credential.Session, now credential.Moment) time.Duration {
	left := ses.Left(now)
	age, ok := now.Since(ses.Issued)
	if !ok {
		return left
	}
	steady := ses.Lifetime - age
	if rest, never := patience(threshold, ses, steady-left); age < rest || never {
		return steady
	}
	return left
}

// patience returns the age before which the wall clock, which takes short off
// the session, does not count; never when it does at no age.
func patience(threshold time.Duration, ses credential.Session, short time.Duration) (age time.Duration, never bool) {
	fresh := ses.Lifetime - short
	switch {
	case fresh <= floor:
		return 0, true
	case fresh < threshold:
		return max(ses.Lifetime/8, settle), false
	}
	return settle, false
}

// due returns in how long the session is to be renewed in the background; not
// positive when it is time.
func due(ses credential.Session, now credential.Moment, jitter float64) time.Duration {
	background, _ := thresholds(ses.Lifetime)
	background += spread(ses.Lifetime, jitter)
	left := ses.Left(now)
	age, ok := now.Since(ses.Issued)
	if !ok {
		return left - background
	}
	steady := ses.Lifetime - age
	wait := steady - background
	if short := steady - left; short > 0 {
		if rest, never := patience(background, ses, short); !never {
			wait = min(wait, max(left-background, rest-age))
		}
	}
	return wait
}

// backoff returns how long to leave the issuer alone after the nth failure in a
// row (n from 1): 1, 2, 4 .. 60 s and up to a fifth more, so that after an
// outage the machines of a company do not all return in the same second.
func backoff(n int, jitter float64) time.Duration {
	d := min(time.Second<<min(n-1, 6), time.Minute)
	return d + time.Duration(jitter*float64(d)/5)
}
