//go:build linux || darwin

package logfile

import "golang.org/x/sys/unix"

// noFollow keeps a symbolic link that someone put there from being written
// through.
const noFollow = unix.O_NOFOLLOW
