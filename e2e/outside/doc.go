//go:build linux

// Package outside has the names that some rows of faults still use for parts of
// testbed.
package outside

import (
	"os/exec"

	"understudy/internal/testbed"
)

type (
	Outcome       = testbed.Outcome
	Keys          = testbed.Keys
	Status        = testbed.Status
	SessionStatus = testbed.SessionStatus
)

var (
	Start = testbed.Start
	PID   = testbed.PID
	Gone  = testbed.Gone
)

// Run runs a command to its end.
func Run(cmd *exec.Cmd) Outcome { return Start(cmd)() }
