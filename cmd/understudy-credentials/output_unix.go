//go:build linux || darwin

package main

import (
	"errors"
	"io"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func standardOutput() io.Writer { return descriptor{syscall.Stdout, patience} }

func standardError() io.Writer { return descriptor{syscall.Stderr, patience} }

// descriptor is written to although it may be a pipe whose reader has gone or
// does not read. An os.File would end the process by SIGPIPE in the one case
// and wait for ever in the other; whoever runs the helper is promised a status.
type descriptor struct {
	fd       int
	patience time.Duration // for a reader that reads, but not yet
}

const (
	patience = 4 * time.Second
	// A pipe that has room takes so many bytes at once and whole (Linux).
	// Nearly every answer is shorter, so that a reader never sees half of it.
	pipeAtom = 4096
)

var errUnread = errors.New("nobody reads what is written")

// Write writes all of b, or says why not before its patience is at an end.
func (d descriptor) Write(b []byte) (written int, err error) {
	deadline := time.Now().Add(d.patience)
	for written < len(b) {
		left := max(time.Until(deadline), 0)
		room := []unix.PollFd{{Fd: int32(d.fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(room, int(left/time.Millisecond))
		if left == 0 || err == nil && n == 0 {
			return written, errUnread
		}
		if err == nil {
			n, err = unix.Write(d.fd, b[written:min(len(b), written+pipeAtom)])
			written += max(n, 0)
		}
		if err != nil && err != unix.EINTR && err != unix.EAGAIN {
			return written, err
		}
	}
	return written, nil
}
