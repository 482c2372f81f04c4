//go:build linux || darwin

package main

import (
	"understudy/internal/prelude"
	"understudy/internal/wire"
)

// begun is the connection that the prelude left, nil if there is none, and how
// many bytes of the answer it printed.
func begun(d wire.Dialer) (conn *wire.Conn, printed int, err error) {
	left, ok := prelude.Take()
	if !ok {
		return nil, 0, nil
	}
	if left.TimedOut {
		return nil, 0, wire.ErrSilent
	}
	conn, err = d.Resume(left.FD, left.Read, left.Wait)
	return conn, left.Printed, err
}
