//go:build linux || darwin

package socket

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"sync"

	"github.com/gofrs/flock"
)

// ErrRunning is returned by Listen if another daemon of this user is running.
var ErrRunning = errors.New("another daemon is running")

// Socket is the daemon's listening socket, with the lock that makes it the only one
// and a watch on its file.
type Socket struct {
	path  string
	lock  *flock.Flock // nil if the file system has no locks
	inode os.FileInfo
	log   *slog.Logger

	accepts *acceptor
	uid     int // of this process
	refused int // number of connections of other users

	closed    chan struct{}
	closeOnce sync.Once
}

// ours reports whether the file at the path is the socket that was bound. Its inode
// number is not reused while the socket is open.
func (s *Socket) ours() bool {
	found, err := os.Lstat(s.path)
	return err == nil && os.SameFile(s.inode, found)
}

// Close stops listening and removes the socket's file if it is still ours. The lock is
// held until the process ends: a stopping daemon still writes its sessions, and the
// next must not read them yet. A second Close does nothing: the file at the path may
// then be another daemon's, even if the inode number is the same.
func (s *Socket) Close() error {
	err := net.ErrClosed
	s.closeOnce.Do(func() {
		close(s.closed)
		if s.ours() {
			os.Remove(s.path)
		}
		err = s.accepts.close()
	})
	return err
}

// unlock releases the lock.
func (s *Socket) unlock() {
	if s.lock != nil {
		s.lock.Close()
	}
}
