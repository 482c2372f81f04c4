package session

import (
	"context"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// Want are the options of a request.
type Want struct {
	Caller Caller // who asks, for the policy
	Asker  Asker  // reaches the user at the caller's terminal; nil if nothing can

	// Interactive says that the user runs a command and waits for it: the negative
	// cache is ignored.
	Interactive bool
	// Login says that the user is at the caller's terminal and wants to be asked.
	// It implies Interactive.
	Login bool
	// Device says that the user's browser is on another machine. It requires Login.
	Device bool

	// base says that the session signs the call for another one. The flight of that
	// session waits, up to its own limit, and its callers are the ones asked.
	base bool
	// background says that no caller waits, so that the user must not be asked.
	background bool
}

func (w Want) interactive() bool { return w.Interactive || w.Login }

// Caller is the program that made a request.
type Caller struct {
	Peer wire.Peer // as the kernel reports it; zero if it does not
	// Program is the program that ran the helper, and ProgramPID its process ID; the
	// policy sets both.
	Program    string
	ProgramPID int
}

// Policy decides which caller may have which session, and keeps the access log.
// Every Get of every front end passes it.
type Policy interface {
	// Check returns an error if c may not have p's session now. It is called before
	// the session is looked up, and may wait for the user until ctx ends. It returns
	// c with its Program set, if known. An error is or wraps a *credential.Failure.
	Check(ctx context.Context, c Caller, p *credential.Plan) (Caller, error)
	// Record logs the outcome of c's request for profile: err, or nil if the
	// session was handed out. p is nil if there was no plan.
	Record(c Caller, profile string, p *credential.Plan, err error)
}

// Asker reaches the program that waits for a session, and the user at its
// terminal.
type Asker interface {
	// Wait asks the program to wait for up to d from now.
	Wait(d time.Duration)
	// Ask shows the user a question. The response comes from Answers.
	Ask(v prompt.View)
	// Answers is nil before the first question, and closed when the program ends.
	Answers() <-chan Answer
	// Environment asks the program for its own AWS credentials.
	Environment(ctx context.Context) (credential.Environment, error)
}

// Answer is the response to the question with that ID: Text; or Pass, to ask at
// another caller's terminal instead; or Refuse. If the program was asked for its own
// credentials, the response is Environment.
type Answer struct {
	ID           string
	Text         credential.Secret
	Pass, Refuse bool
	Environment  credential.Environment
}
