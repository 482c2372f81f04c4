package credential

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Session is one set of temporary credentials, whole: it is published and
// replaced as one value and never changed in place.
type Session struct {
	AccessKeyID     string
	SecretAccessKey Secret
	SessionToken    Secret
	Expiration      time.Time // as the issuer gave it, UTC, whole seconds
	AccountID       string    // 12 digits; empty when nobody said
	// Raw says that this is a long-lived key, handed out because its owner insists.
	// It has no SessionToken, and Expiration is when to ask for it again.
	Raw bool

	// Lifetime is L, the life the session was issued with: Expiration less the
	// issuer's own clock when it answered.
	Lifetime time.Duration
	// Issued is when this machine got it, on both of its clocks.
	Issued Moment
}

// Age is how long ago the session was issued: on the boot clock when that
// still runs, else on the wall clock, never negative.
func (s Session) Age(now Moment) time.Duration {
	age, ok := now.Since(s.Issued)
	if !ok {
		age = now.Wall.Sub(s.Issued.Wall)
	}
	return max(age, 0)
}

// Left is how long the session may still be served: the smaller of what the
// wall clock says and of the lifetime less the age on the boot clock, so that
// neither a clock set back nor a laptop's sleep serves an expired session.
// After a reboot the wall clock alone speaks; when that reads earlier than the
// issue by more than slack it is plainly wrong, and nothing is left.
func (s Session) Left(now Moment) time.Duration {
	wall := s.Expiration.Sub(now.Wall)
	age, ok := now.Since(s.Issued)
	if !ok {
		if now.Wall.Before(s.Issued.Wall.Add(-clockSlack)) {
			return 0
		}
		return wall
	}
	return min(wall, s.Lifetime-age)
}

// clockSlack is how far back the wall clock may have been corrected over a
// reboot before it is disbelieved.
const clockSlack = 5 * time.Minute

// Check reports the first thing that makes a session senseless: a field that
// is missing, holds what no credential holds, or times that do not fit. now is
// the moment it arrived.
func (s Session) Check(now Moment) error {
	for _, f := range []struct{ name, value string }{
		{"AccessKeyId", s.AccessKeyID},
		{"SecretAccessKey", s.SecretAccessKey.Reveal()},
		{"SessionToken", s.SessionToken.Reveal()},
	} {
		if f.value == "" && !(s.Raw && f.name == "SessionToken") {
			return fmt.Errorf("the answer has no %s", f.name)
		}
		if strings.ContainsFunc(f.value, notPrintable) {
			return fmt.Errorf("the answer's %s has a character no credential has", f.name)
		}
	}
	if strings.ContainsFunc(s.AccountID, notPrintable) {
		return fmt.Errorf("the answer's AccountId has a character no account has")
	}
	switch {
	case s.Expiration.IsZero():
		return fmt.Errorf("the answer has no Expiration")
	case s.Lifetime <= 0:
		return fmt.Errorf("the answer had expired when it was issued")
	case s.Lifetime > maxLifetime:
		return fmt.Errorf("the answer expires in %d hours, longer than any session lives", int(s.Lifetime.Hours()))
	}
	// By the wall clock alone even a good answer may read as expired: that is
	// for whoever serves it to say, and a reason to mend the clock.
	if _, ok := now.Since(s.Issued); !ok && s.Left(now) <= 0 {
		return fmt.Errorf("the answer had expired when it arrived; this machine's clock may be ahead")
	}
	return nil
}

// maxLifetime is GetSessionToken's longest session, the longest there is.
const maxLifetime = 36*time.Hour + time.Minute

func notPrintable(r rune) bool { return r <= ' ' || r > '~' }

// Times are printed and stored to the second, in UTC, with a Z: some SDKs read
// nothing else.
const TimeFormat = "2006-01-02T15:04:05Z"

// AppendProcessJSON appends the session as credential_process wants it: one line of
// minified JSON, without the newline. It appends, so that the secrets are written where
// they go and nowhere before.
func (s Session) AppendProcessJSON(b []byte) []byte {
	b = slices.Grow(b, 256+len(s.SessionToken.Reveal()))
	b = append(b, `{"Version":1,"AccessKeyId":`...)
	b = appendJSON(b, s.AccessKeyID)
	b = append(b, `,"SecretAccessKey":`...)
	b = appendJSON(b, s.SecretAccessKey.Reveal())
	if !s.Raw {
		b = append(b, `,"SessionToken":`...)
		b = appendJSON(b, s.SessionToken.Reveal())
	}
	b = append(b, `,"Expiration":"`...)
	b = s.Expiration.UTC().AppendFormat(b, TimeFormat)
	b = append(b, '"')
	if s.AccountID != "" {
		b = append(b, `,"AccountId":`...)
		b = appendJSON(b, s.AccountID)
	}
	return append(b, '}')
}

// appendJSON appends s, which Check has found to be printable ASCII, quoted.
func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	if strings.IndexByte(s, '"') < 0 && strings.IndexByte(s, '\\') < 0 { // as good as always
		return append(append(b, s...), '"')
	}
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// Format keeps the whole session out of anything printed: the key id is no
// secret, but it is nobody's business either.
func (s Session) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "session until %s", s.Expiration.UTC().Format(TimeFormat))
}

func (s Session) LogValue() slog.Value {
	return slog.StringValue("session until " + s.Expiration.UTC().Format(TimeFormat))
}
