//go:build linux || darwin

package place

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// MaxPath is the longest path that the kernel takes for a socket, with space for
// the process id under which the daemon first makes it.
const MaxPath = len(unix.RawSockaddrUnix{}.Path) - len(".4194304\x00")

// HomeSocket is the socket's path below the home folder, used if the user has no
// private runtime folder.
const HomeSocket = ".local/state/understudy/run/socket"

// Permissions that the socket's folder must not have.
const (
	ForbiddenMode       = 0o077 // others can do nothing
	ForbiddenModeChosen = 0o022 // if EnvSocket names it: others can read, not write
)

// underHome is the path if the system gives no private runtime folder. It is
// never below a shared temp folder, where others could be there first.
func underHome() (string, error) {
	home, err := Home()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, HomeSocket), nil
}

// CheckDir reports whether the socket's folder can be trusted: a real folder,
// this user's, that no one else can write to and, unless EnvSocket names it, no
// one else can read.
func CheckDir(socket string) error {
	dir := filepath.Dir(socket)
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return &os.PathError{Op: "look at", Path: dir, Err: err}
	}
	forbidden := uint32(ForbiddenMode)
	if os.Getenv(EnvSocket) != "" {
		forbidden = ForbiddenModeChosen
	}
	mode := uint32(st.Mode)
	switch {
	case mode&unix.S_IFMT == unix.S_IFLNK:
		return fmt.Errorf("%s is a symbolic link: %w", dir, ErrForeign)
	case mode&unix.S_IFMT != unix.S_IFDIR:
		return fmt.Errorf("%s is not a folder: %w", dir, ErrForeign)
	case int(st.Uid) != os.Getuid():
		return fmt.Errorf("%s belongs to user %d: %w", dir, st.Uid, ErrForeign)
	case mode&forbidden != 0:
		return fmt.Errorf("%s has mode %04o: %w", dir, mode&0o777, ErrForeign)
	}
	return nil
}

// MakeDir makes the socket's folder, 0700, if it does not exist, and checks it.
func MakeDir(socket string) error {
	if err := os.MkdirAll(filepath.Dir(socket), 0o700); err != nil {
		return err
	}
	return CheckDir(socket)
}
