// Package prompt asks a person, once, for what no configuration holds: an MFA
// code, or a visit to a page in the browser.
//
// A Desk has one question open about one thing at a time, however many
// processes wait for its answer. It goes, in this order, to what answers in a
// person's place (a command that the profile names), to a dialog where there is
// a display, to the terminal of a caller; where there is none of those the
// callers are told that a person is needed, and the question stays open for
// whoever answers it in a terminal. A question belongs to nobody who waits: it
// outlives them, and its answer counts for whoever asks next.
//
// What is typed is a credential.Secret from the first moment and is never
// logged.
package prompt

import (
	"context"
	"errors"
	"time"

	"understudy/internal/credential"
)

// Kind is what a question wants.
type Kind string

const (
	Code  Kind = "code"  // a line that a person types, or a command prints
	Visit Kind = "visit" // a page opened in the browser; the answer comes another way
)

// Question is what a person is asked.
type Question struct {
	// About is what the question is about: the serial number of an MFA device,
	// or an Identity Center session. One question is open for one at a time.
	About   string
	Kind    Kind
	Profile string // the profile that needs the answer, for people
	Text    string // one line: "MFA code of arn:aws:iam::111111111111:mfa/alice"
	Notice  string // what was wrong with the answer before; empty the first time

	// Instead answers in a person's place where it is set: a command of the
	// profile, or a seed in the keychain. Nobody is asked beside it.
	Instead func(context.Context) (Answer, error)

	URL      string        // of a Visit
	UserCode string        // of a Visit: shown on that page, for the person to compare; such a page may be opened anywhere
	Shown    func()        // of a Visit: called each time that a terminal shows it; must not wait; nil means that nobody wants to know
	Limit    time.Duration // how long it stays open; 0 means 3 min
}

// Why there is no answer. Any other error of this package says what a command
// or a dialog did.
var (
	ErrClosed  = errors.New("the question was closed without an answer")
	ErrNobody  = errors.New("nobody was there to be asked")
	ErrExpired = errors.New("nobody answered in time")
	ErrSpent   = errors.New("the same code came again, and a code counts once")
	// ErrElsewhere is why a Visit without a UserCode ends: the person's browser is
	// on another machine, or none opens on this one.
	ErrElsewhere = errors.New("no browser of this machine is of use")
	// errNoDialog is why a dialog could not be shown: the next way is tried.
	errNoDialog = errors.New("no dialog can be shown")
)

// Answer is what came of a question.
type Answer = credential.Secret
