package main

import (
	"context"
	"fmt"
	"os/exec"
)

// A racer is a program that is run again and again in turn with the others.
type racer struct {
	title   string
	note    string
	command command
	against []against
	times   samples
}

// against holds one racer's median against another's.
type against struct {
	other  string  // title
	most   float64 // share of the other's; 0 means that it is told and no goal
	margin float64 // share of most that a busy machine is forgiven
}

// entrants are the racers in the order of the table; a new one is a file of
// its own and a line here.
func entrants() []func(context.Context, *world) (*racer, error) {
	return []func(context.Context, *world) (*racer, error){helperRow, clientRow, staticRow, emptyRow, sshAddRow}
}

// A row is measured once, after the race.
type row struct {
	title   string
	measure func(context.Context, *world) ([]figure, error)
}

// rows are the rest of the table. Memory comes last but for idleness, which
// has a daemon of its own.
func rows(o options) []row {
	out := []row{
		{"sizes of the binaries", sizeRow},
		{fmt.Sprintf("daemon with %d sessions", o.sessions), memoryRow},
	}
	if o.idle {
		out = append(out, row{"idle daemon", idleRow})
	}
	return out
}

// absence is why a row is left out: nothing is wrong, but it cannot be had
// here.
type absence struct{ why string }

func (a *absence) Error() string { return a.why }

// onPath finds a peer.
func onPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", &absence{name + " is not on PATH"}
	}
	return path, nil
}
