package session

import (
	"time"

	"understudy/internal/credential"
)

// verdict says how good a session is that a caller asks for.
type verdict int

const (
	serve         verdict = iota // it is good as it is
	serveAndRenew                // it is good, and a new one should be fetched meanwhile
	renewFirst                   // it is so near its end that SDKs would ask for another on every use
)

// floor is what must be left of a session that is served because its renewal
// failed: less may not last for a request.
const floor = 60 * time.Second

// thresholds returns, for a session of lifetime l, how much is left when it is
// renewed in the background, and when it is renewed before answering. They follow
// from the SDKs: botocore asks again on every use with 15 minutes left and others
// with 5. So a session of an hour is never served with less than 20 minutes left,
// and one of 15 minutes, the shortest that STS issues, as late as possible. A
// threshold that a new session could not meet is scaled down.
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

// minWallAge is how old a session is at least when it is renewed because of the
// wall clock alone.
const minWallAge = time.Minute

// leftFor returns what is left of ses, to be compared with a threshold: the smaller
// of what the two clocks say.
//
// If the wall clock is off against the issuer's, a new session would arrive as
// short as the old one is. So because of the wall clock alone a session is not
// renewed in its first minute; if even a new one would not meet the threshold, not
// in the first eighth of its life; and if a new one could not be served at all,
// never.
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

// trustWall returns the age before which the wall clock, which takes short off the
// session, is ignored; never if it is ignored at every age.
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

// due returns in how long the session is to be renewed in the background; not
// positive if it is time.
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
