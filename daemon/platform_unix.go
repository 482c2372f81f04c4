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

// restrictFiles keeps every file that this process makes to its owner.
func restrictFiles() { unix.Umask(0o077) }

// releaseStderr replaces standard error, a pipe to the program that started the
// daemon, which waits until it is closed.
func releaseStderr() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	return dup(int(null.Fd()), int(os.Stderr.Fd()))
}
