//go:build linux || darwin

package place

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"understudy/internal/atomicfile"
)

// MaxPath is the longest path that the kernel takes for a socket, less the suffix with
// the process ID that the daemon first adds to it.
const MaxPath = len(unix.RawSockaddrUnix{}.Path) - len(".4194304\x00")

// HomeSocket is the socket's path below the home folder, used if the user has no
// private runtime folder.
const HomeSocket = ".local/state/understudy/run/socket"

// Permissions that the socket's folder must not have.
const (
	ForbiddenMode       = 0o077 // for others: any permission
	ForbiddenModeChosen = 0o022 // if EnvSocket names it: the permission to write
)

// underHome returns the path for a system without a private runtime folder. It is not
// below a shared temporary folder, where another user could create it first.
func underHome() (string, error) {
	home, err := Home()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, HomeSocket), nil
}

// CheckDir returns an error if the socket's folder cannot be trusted. It must be a
// folder and not a link, and belong to this user. Others must not have permission to
// write to it nor, unless EnvSocket names it, any other permission.
func CheckDir(socket string) error {
	dir := filepath.Dir(socket)
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at %s: %w", dir, errors.Unwrap(err))
	}
	forbidden := os.FileMode(ForbiddenMode)
	if os.Getenv(EnvSocket) != "" {
		forbidden = ForbiddenModeChosen
	}
	switch {
	case info.Mode().Type() == os.ModeSymlink:
		return fmt.Errorf("%s is a symbolic link: %w", dir, ErrForeign)
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder: %w", dir, ErrForeign)
	case !atomicfile.Mine(info):
		return fmt.Errorf("%s belongs to user %d: %w", dir, info.Sys().(*syscall.Stat_t).Uid, ErrForeign)
	case info.Mode().Perm()&forbidden != 0:
		return fmt.Errorf("%s has mode %04o: %w", dir, info.Mode().Perm(), ErrForeign)
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
