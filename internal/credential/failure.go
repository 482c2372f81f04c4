package credential

import (
	"errors"
	"time"

	"understudy/internal/wire"
)

// Failure is why a session could not be had, in words for the person who
// asked. Every error that leaves a source, a config reader or the daemon is one
// or wraps one.
type Failure struct {
	Code   wire.Code
	Reason string // one line, no trailing full stop, no secret
	Hint   string // one line: what to do next

	// RetryAfter is how long the issuer asked to be left alone, and with LoginNeeded
	// how soon the person may have done what is needed without our hearing of it;
	// 0 if neither is known.
	RetryAfter time.Duration
	// BaseRefused says that the issuer turned down the credentials that signed
	// the call, not what was asked: the base session is worth nothing any more.
	BaseRefused bool
	// Unasked says that a person would have to be asked, and was not because
	// nobody waits for the answer: it says nothing to one who does.
	Unasked bool
}

func (f *Failure) Error() string { return f.Reason }

// Final reports whether asking again without a change elsewhere is pointless.
func (f *Failure) Final() bool { return f.Code != wire.Temporary && f.Code != wire.NoDaemon }

// AsFailure finds the Failure in err. An error that holds none becomes a
// temporary one: what nobody classified must not end a session that works.
func AsFailure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return &Failure{
		Code:   wire.Temporary,
		Reason: err.Error(),
		Hint:   "try again; if it stays, see: understudy daemon logs",
	}
}
