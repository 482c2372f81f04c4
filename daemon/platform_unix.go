//go:build linux || darwin

package daemon

import (
	"os"

	"golang.org/x/sys/unix"
)

var (
	reloadSignals = []os.Signal{unix.SIGHUP}
	dropSignals   = []os.Signal{unix.SIGUSR1}
)

// restrictFiles gives every file that this process creates to its owner alone.
func restrictFiles() { unix.Umask(0o077) }

// releaseStderr replaces standard error with the null device. It was a pipe to the
// program that started the daemon, which waits until the pipe is closed.
func releaseStderr() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	return dup(int(null.Fd()), int(os.Stderr.Fd()))
}
