//go:build linux || darwin

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

var (
	hangupSignals = []os.Signal{unix.SIGHUP}
	dropSignals   = []os.Signal{unix.SIGUSR1}
)

// restrictFiles keeps every file this process makes to its owner.
func restrictFiles() { unix.Umask(0o077) }

// letGo replaces standard error, a pipe of the program that started us, which
// waits for its end.
func letGo() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	return dup(int(null.Fd()), int(os.Stderr.Fd()))
}
