package session

import (
	"context"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// Want says how a request wants to be treated.
type Want struct {
	Caller Caller // who asks, for the policy
	Asker  Asker  // reaches the user at the caller's terminal; nil if it cannot

	// Interactive says that the user runs a command and waits for it: remembered
	// refusals are ignored.
	Interactive bool
	// Login says that the user is at the caller's terminal and wants to be asked.
	// It implies Interactive.
	Login bool
	// Device says that the user's browser is on another machine. It goes with
	// Login.
	Device bool

	// base says that the session signs the call for another one. That one's flight
	// waits as long as it lives, and its callers are asked.
	base bool
	// background says that no caller waits, so that no one may be asked.
	background bool
}

func (w Want) interactive() bool { return w.Interactive || w.Login }

// Caller is who asks, as the kernel names it.
type Caller struct {
	Peer wire.Peer // zero if the kernel does not say
	// Program is the program that ran the helper, and ProgramPID its process;
	// empty until the policy has found out.
	Program    string
	ProgramPID int
}

// Policy decides who may have which session, and keeps the access log. It is the
// one place that is asked: every request of every front end passes it.
type Policy interface {
	// Check reports why c may not have p's session now; nil if it may. It is called
	// before the session is looked at, and may wait for the user until ctx ends. It
	// returns c with what it found out about it. Its error is or wraps a
	// *credential.Failure.
	Check(ctx context.Context, c Caller, p *credential.Plan) (Caller, error)
	// Record logs the outcome of c's request for profile: err, or nil if the
	// session was handed out. p is nil if there was no plan.
	Record(c Caller, profile string, p *credential.Plan, err error)
}

// Asker reaches the program that waits for an answer, and the user at its
// terminal.
type Asker interface {
	// Wait tells the program how long the answer may take from now.
	Wait(d time.Duration)
	// Ask shows the user a question. What the user does comes from Answers.
	Ask(v prompt.View)
	// Answers is nil before the first question, and closed when the program ends.
	Answers() <-chan Answer
	// Environment asks the program for its own AWS credentials.
	Environment(ctx context.Context) (credential.Environment, error)
}

// Answer is what the user did about the question with that ID: gave Text, passed it
// on to another caller's user, or refused it. If the program was asked for its own
// credentials, it is Environment.
type Answer struct {
	ID           string
	Text         credential.Secret
	Pass, Refuse bool
	Environment  credential.Environment
}
