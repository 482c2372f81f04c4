package session

import (
	"time"

	"understudy/internal/credential"
)

// verdict says whether a session may be served as it is.
type verdict int

const (
	serve         verdict = iota // serve it
	serveAndRenew                // serve it, and fetch a new one in the background
	renewFirst                   // so little is left that SDKs would ask again on every use
)

// floor is the least that must be left of a session that is served although its
// renewal failed: less may not last for a request.
const floor = 60 * time.Second

// thresholds returns, for a session of lifetime l, how much is left when it is
// renewed in the background, and when it is renewed before answering. They follow
// from the SDKs: botocore asks again on every use when 15 minutes are left, others
// when 5 are. So a session of an hour is not served with less than 20 minutes left,
// while one of 15 minutes, the shortest that STS issues, is renewed as late as
// possible. A threshold that a new session could not meet is scaled down.
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

// judge decides whether ses may be served at now. It is a pure function, as are due
// and leftFor, which have the rest of the renewal schedule.
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

// minWallAge is the least age at which a session is renewed because of the wall
// clock alone.
const minWallAge = time.Minute

// leftFor returns how much of ses is left, to be compared with threshold: the smaller
// value of the two clocks.
//
// If the wall clock is ahead of the issuer's, a new session would have as little left
// as the old one. So because of the wall clock alone a session is not renewed in its
// first minute; if even a new one would not meet the threshold, not in the first
// eighth of its lifetime; and if a new one could not be served at all, never.
func leftFor(threshold time.Duration, ses credential.Session, now credential.Moment) time.Duration {
	left := ses.Left(now)
	age, ok := now.Since(ses.Issued)
	if !ok {
		return left
	}
	steady := ses.Lifetime - age
	if after, never := trustWall(threshold, ses, steady-left); age < after || never {
		return steady
	}
	return left
}

// trustWall returns the age from which the wall clock, by which the session is
// shorter by short, is used; never says that it is ignored at every age.
func trustWall(threshold time.Duration, ses credential.Session, short time.Duration) (age time.Duration, never bool) {
	fresh := ses.Lifetime - short
	switch {
	case fresh <= floor:
		return 0, true
	case fresh < threshold:
		return max(ses.Lifetime/8, minWallAge), false
	}
	return minWallAge, false
}

// due returns the time until ses must be renewed in the background; zero or negative
// if it is due now.
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
		if after, never := trustWall(background, ses, short); !never {
			wait = min(wait, max(left-background, after-age))
		}
	}
	return wait
}
