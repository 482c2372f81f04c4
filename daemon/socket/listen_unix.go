//go:build linux || darwin

package socket

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"

	"understudy/internal/atomicfile"
	"understudy/internal/place"
	"understudy/internal/wire"
)

// Listen takes the lock, removes the socket of a dead daemon, and listens at path. The
// socket has mode 0600 from its creation. Listen returns ErrRunning if a daemon is
// running. A nil log means discard.
func Listen(path string, log *slog.Logger) (*Socket, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if err := prepare(path); err != nil {
		return nil, err
	}
	s := &Socket{path: path, log: log, uid: os.Getuid(), closed: make(chan struct{})}
	// A daemon that holds the lock but no longer answers is stopping, and may still
	// write its sessions: wait for it.
	for leaving := time.Now().Add(leaveWait); ; time.Sleep(20 * time.Millisecond) {
		var err error
		if s.lock, err = takeLock(filepath.Join(filepath.Dir(path), "lock")); err == nil {
			break
		}
		if !errors.Is(err, ErrRunning) || time.Now().After(leaving) || s.answered() {
			return nil, err
		}
	}
	if err := s.bind(); err != nil {
		s.unlock()
		return nil, err
	}
	return s, nil
}

// leaveWait is longer than a daemon takes to end, and shorter than a helper waits
// for one to start.
const leaveWait = 4 * time.Second

// prepare makes the folder. If the default folder is this user's but open to others,
// as after a chmod or a restored backup, it sets the mode to 0700 again.
func prepare(path string) error {
	err := place.MakeDir(path)
	if !errors.Is(err, place.ErrForeign) || os.Getenv("UNDERSTUDY_SOCKET") != "" {
		return err
	}
	dir, ferr := os.OpenFile(filepath.Dir(path), os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if ferr != nil {
		return err
	}
	defer dir.Close()
	if st, serr := dir.Stat(); serr != nil || !atomicfile.Mine(st) || dir.Chmod(0o700) != nil {
		return err
	}
	return place.CheckDir(path)
}

// takeLock locks the file at path for the life of the process; nil if the file system
// has no locks. The locked file must still be the one at path: it may have been
// replaced in between.
func takeLock(path string) (*flock.Flock, error) {
	for range 10 {
		lock := flock.New(path, flock.SetPermissions(0o600))
		ok, err := lock.TryLock()
		switch {
		case errors.Is(err, unix.ENOLCK), errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS):
			return nil, nil // bind decides alone
		case err != nil:
			return nil, fmt.Errorf("take the lock %s: %w", path, err)
		case !ok:
			lock.Close()
			return nil, ErrRunning
		}
		held, err1 := lock.Stat()
		there, err2 := os.Lstat(path)
		if err1 == nil && err2 == nil && os.SameFile(held, there) {
			return lock, nil
		}
		lock.Close()
	}
	return nil, fmt.Errorf("the lock %s is replaced again and again", path)
}

// Accept returns the next connection of this user, and closes those of other users.
// Its error is net.ErrClosed if the socket is closed.
func (s *Socket) Accept() (net.Conn, wire.Peer, error) {
	for {
		c, peer, err := s.accepts.accept()
		if c == nil {
			select {
			case <-s.closed: // the poller's own error is not exported
				err = net.ErrClosed
			default:
			}
			return nil, wire.Peer{}, err
		}
		if err == nil && peer.UID == s.uid {
			return c, peer, nil
		}
		c.Close()
		if s.refused++; s.refused&(s.refused-1) == 0 { // the 1st, 2nd, 4th, 8th …
			s.log.Warn("refused a connection of another user", "uid", peer.UID, "so_far", s.refused)
		}
	}
}
