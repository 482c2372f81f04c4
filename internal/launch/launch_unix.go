//go:build linux || darwin

package launch

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

const binaryName = "understudy"

func lockDir(socket string) string { return filepath.Dir(socket) }

// detached gives the daemon a session of its own, so that neither a closed
// terminal nor Ctrl-C in it reaches the daemon.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func isProgram(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0
}

// tryLock takes the lock at path without waiting; ours says whether it got it.
// Where the file system knows no locks everybody gets it: the daemon's own lock
// and its bind still let only one of them live.
func tryLock(path string) (f *os.File, ours bool, err error) {
	f, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case err == nil, errors.Is(err, unix.ENOLCK), errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS):
		return f, true, nil
	case errors.Is(err, unix.EWOULDBLOCK), errors.Is(err, unix.EINTR):
		err = nil
	}
	f.Close()
	return nil, false, err
}
