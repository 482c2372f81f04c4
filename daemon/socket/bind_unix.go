//go:build linux || darwin

package socket

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// bind makes the socket, and replaces the socket of a dead daemon.
func (s *Socket) bind() error {
	if err := s.clear(); err != nil {
		return err
	}
	// Listen under a name of our own, then link it to the real one: a link never
	// replaces an existing file, so of two daemons without locks only one succeeds.
	own := fmt.Sprintf("%s.%d", s.path, os.Getpid())
	os.Remove(own)
	old := unix.Umask(0o177)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: own, Net: "unix"})
	unix.Umask(old)
	if err != nil {
		return fmt.Errorf("listen at %s: %w", s.path, err)
	}
	l.SetUnlinkOnClose(false)
	defer os.Remove(own)
	err = os.Link(own, s.path)
	if err != nil && !errors.Is(err, os.ErrExist) {
		err = os.Rename(own, s.path) // this file system has no links to sockets; rely on the lock
	}
	if err != nil {
		l.Close()
		if errors.Is(err, os.ErrExist) {
			return ErrRunning
		}
		return fmt.Errorf("listen at %s: %w", s.path, err)
	}
	if s.inode, err = os.Lstat(s.path); err != nil {
		l.Close()
		return err
	}
	s.accepts, err = newAcceptor(l)
	return err
}

// clear removes the sockets of dead daemons. It first checks whether a daemon answers:
// the lock file of a running daemon may have been deleted.
func (s *Socket) clear() error {
	if s.lock != nil {
		s.sweep()
	}
	st, err := os.Lstat(s.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case st.IsDir():
		return fmt.Errorf("%s is a folder; move it away", s.path)
	case st.Mode().Type() == os.ModeSocket && s.answered():
		return ErrRunning
	}
	return os.Remove(s.path)
}

// answered reports whether a process of this user listens at the path.
func (s *Socket) answered() bool {
	conn, err := wire.Dialer{Path: s.path}.Dial(200 * time.Millisecond)
	if err == nil {
		conn.Close()
	}
	return err == nil || errors.Is(err, wire.ErrBusy)
}

// sweep removes the temporary sockets of daemons that were killed before they linked
// the real one. The caller holds the lock, so no other daemon is starting.
func (s *Socket) sweep() {
	dir, base := filepath.Split(s.path)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		pid, ok := strings.CutPrefix(e.Name(), base+".")
		if _, err := strconv.Atoi(pid); ok && err == nil && e.Type() == os.ModeSocket {
			os.Remove(dir + e.Name())
		}
	}
}
