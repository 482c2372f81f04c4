//go:build linux || darwin

package wire

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// maxPath is the longest path that the kernel takes for a socket, with room for
// the process id under which the daemon first makes it.
const maxPath = len(unix.RawSockaddrUnix{}.Path) - len(".4194304\x00")

// underHome is used where the system gives no private runtime folder. It is
// never below a shared temp folder, where others could be there first.
func underHome() (string, error) {
	home, err := Home()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local/state/understudy/run/socket"), nil
}

// CheckDir reports whether the socket's folder can be trusted: a real folder,
// this user's, that no one else can write to and, unless UNDERSTUDY_SOCKET
// chose it, no one else can look into.
func CheckDir(socket string) error {
	dir := filepath.Dir(socket)
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return &os.PathError{Op: "look at", Path: dir, Err: err}
	}
	forbidden := uint32(0o077)
	if os.Getenv("UNDERSTUDY_SOCKET") != "" {
		forbidden = 0o022
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

// MakeDir makes the socket's folder, 0700, where it is missing, and checks it.
func MakeDir(socket string) error {
	if err := os.MkdirAll(filepath.Dir(socket), 0o700); err != nil {
		return err
	}
	return CheckDir(socket)
}
