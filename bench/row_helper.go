package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
)

const helperTitle = "understudy-credentials, warm"

// helperRow is the helper against a daemon that has the session.
func helperRow(ctx context.Context, w *world) (*racer, error) {
	a := &racer{
		title:   helperTitle,
		command: command{path: w.helper, args: []string{warmProfile}, env: w.env()},
		against: []against{
			{other: clientTitle, most: 1.5, margin: 0.1},
			{other: staticTitle},
			{other: sshAddTitle, most: 0.5, margin: 0.1},
			{other: fastestPeer, most: 1.0 / 6},
		},
	}
	// The first call fetches; what is measured must answer, and answer right.
	var answer struct{ AccessKeyId string }
	out, err := a.command.output(ctx)
	if err == nil {
		err = json.Unmarshal(out, &answer)
	}
	if err == nil && !strings.HasPrefix(answer.AccessKeyId, "ASIA") {
		err = fmt.Errorf("the answer has no session in it")
	}
	return a, err
}

// output runs the program once outside of the race. What it says on stderr is
// in the error.
func (c command) output(ctx context.Context) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Env = c.env
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	return out, err
}
