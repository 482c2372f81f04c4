//go:build linux || darwin

package logfile

import "golang.org/x/sys/unix"

// safely keeps a symbolic link that someone put there from being written
// through, and a pipe without a reader from being waited for.
const safely = unix.O_NOFOLLOW | unix.O_NONBLOCK

// noReader is what opening such a pipe comes to.
const noReader = unix.ENXIO
