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
	slow    bool // takes so long that it runs in the second heat
	peer    bool // hands out credentials as the helper does
	times   samples
}

// against holds one racer's median against another's.
type against struct {
	other  string  // title
	over   bool    // most is how many ms it may be more, not a share
	most   float64 // share of the other's; 0 means that it is told and no goal
	margin float64 // share of most that a busy machine is forgiven
}

// entrants are the racers in the order of the table; a new one is a file of
// its own and a line here.
func entrants(o options) []func(context.Context, *world) (*racer, error) {
	out := []func(context.Context, *world) (*racer, error){helperRow, clientRow, staticRow, emptyRow, sshAddRow}
	if o.slowRounds == 0 {
		return out // each is run twice only to see whether it is there
	}
	for _, p := range peers {
		out = append(out, p.enter)
	}
	if o.stub {
		return out // what a stub hands out, no STS knows
	}
	return append(out, cliStaticRow, cliPluggedRow)
}

// A row is measured once, after the race.
type row struct {
	title   string
	measure func(context.Context, *world) ([]figure, error)
}

// rows are the rest of the table. Each has a place of its own, so that none
// finds what another left.
func rows(o options) []row {
	out := []row{
		{"sizes of the binaries", sizeRow},
		{"throughput of the daemon", throughputRow},
		{fmt.Sprintf("%d helpers at once, cold", o.herd), herdRow},
		{fmt.Sprintf("daemon with %d and %d sessions", o.sessions, o.many), scaleRow},
		{"cold start, the session in the keychain", coldRow},
		{fmt.Sprintf("%d sessions from the keychain", o.sessions), loadRow},
	}
	if o.load > 0 {
		out = append(out, row{fmt.Sprintf("%d sessions from a keychain in memory", o.load), loadManyRow})
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
