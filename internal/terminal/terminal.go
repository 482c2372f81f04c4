// Package terminal answers what the daemon asks in the middle of a request: it
// asks the person at the program's own terminal, never its standard input, and
// tells the caller's AWS variables where a profile takes its credentials from
// them.
//
// The helper links it, so it holds to the rules of wire: the standard library
// and golang.org/x/sys, and nothing computed at start.
package terminal

import (
	"os"

	"understudy/internal/wire"
)

// Answer is a wire.Answerer. Where the program has no terminal, or is not in its
// foreground, it passes.
func Answer(a wire.Ask, c *wire.Conn) (wire.Answer, bool) {
	switch a.Kind {
	case wire.AskEnvironment:
		return wire.Answer{
			ID:              a.ID,
			AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		}, true
	case wire.AskCode, wire.AskVisit:
		return onTerminal(a, c)
	}
	return pass(a)
}

func pass(a wire.Ask) (wire.Answer, bool) { return wire.Answer{ID: a.ID, Pass: true}, true }

// lines are what a person is shown before she types; the last one is open.
func lines(a wire.Ask) string {
	text := ""
	if a.Notice != "" {
		text = "understudy: " + a.Notice + "\n"
	}
	if a.Kind == wire.AskCode {
		return text + "understudy: " + a.Text + ": "
	}
	text += "understudy: " + a.Text + "\n  open " + a.URL + "\n"
	if a.UserCode != "" {
		text += "  and compare the code: " + a.UserCode + "\n"
	}
	return text
}
