//go:build linux && !amd64

package faults

import "time"

// turned is a daemon whose wall clock can be set; see clock_amd64.go.
type turned struct{}

func (w *world) turnable() *turned {
	w.Skipf("the clock of a daemon is set by machine code that is written for amd64 alone")
	return nil
}

func (*turned) by(time.Duration) error { return nil }
