package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	helperTitle = "understudy-credentials, warm"
	plainTitle  = "understudy-credentials without its prelude, warm"
)

// helperRow is the helper against a daemon that has the session.
func helperRow(ctx context.Context, w *world) (*racer, error) {
	a := &racer{
		title:   helperTitle,
		command: command{path: w.helper, args: []string{warmProfile}, env: w.env()},
		against: []against{
			{other: floorTitle, most: 1.7},
			{other: sshAddTitle, most: 0.5},
			{other: fastestPeer, most: 1.0 / 15},
		},
	}
	return a, a.command.session(ctx)
}

// plainRow is the helper as other platforms have it.
func plainRow(ctx context.Context, w *world) (*racer, error) {
	a := &racer{title: plainTitle, note: "PRELUDE=0", against: []against{{other: emptyTitle, most: 1.6}}}
	program, err := w.plain(ctx)
	if err != nil {
		return a, err
	}
	a.command = command{path: program, args: []string{warmProfile}, env: w.env()}
	return a, a.command.session(ctx)
}

// session runs the program once outside of the race: it must print a session.
func (c command) session(ctx context.Context) error {
	out, err := c.run(ctx)
	if err != nil {
		return err
	}
	return isSession(out)
}

// isSession reports what is wrong with the output of a credential_process. The
// floor prints the daemon's reply as it is.
func isSession(out []byte) error {
	var answer struct {
		AccessKeyId string
		Credentials struct{ AccessKeyId string }
	}
	if err := json.Unmarshal(out, &answer); err != nil || !strings.HasPrefix(answer.AccessKeyId+answer.Credentials.AccessKeyId, "ASIA") {
		return fmt.Errorf("the answer has no session in it")
	}
	return nil
}
