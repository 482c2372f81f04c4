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
	slow    bool // takes so long that it runs in some rounds only
	peer    bool // hands out sessions as the helper does
	times   [heats]samples
}

// against is a goal relative to another racer.
type against struct {
	other string // title
	over  bool   // most is how many ms it may take more, not a share
	most  float64
}

// entrants are the racers in the order of the table; a new one is a file of
// its own and a line here.
func entrants(o options) []func(context.Context, *world) (*racer, error) {
	out := []func(context.Context, *world) (*racer, error){helperRow, floorRow, plainRow, emptyRow, sshAddRow}
	if o.slowRounds == 0 {
		return out
	}
	for _, p := range peers {
		out = append(out, p.enter)
	}
	if o.stub {
		return out // STS does not know the stub's session
	}
	return append(out, cliFileRow, cliStaticRow, cliPluggedRow)
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
		{"CPU time of a request", cpuRow},
		{fmt.Sprintf("list and import, %d profiles", o.profiles), manyProfilesRow},
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

// absence is why a row is left out although nothing failed.
type absence struct {
	why  string
	peer bool // because the peer is not installed
}

func (a *absence) Error() string { return a.why }

// noPeer is the verdict on a comparison with a peer that is not installed.
const noPeer = "no peer here"

// onPath finds a program.
func onPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", &absence{why: name + " is not on PATH"}
	}
	return path, nil
}
