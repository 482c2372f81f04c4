//go:build linux || darwin

package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// ErrRunning is returned by Listen where another daemon of this user lives.
var ErrRunning = errors.New("another daemon is running")

// Socket is the daemon's listening socket, with the lock that makes it the only
// one and a watch over its file.
type Socket struct {
	path  string
	l     *net.UnixListener
	lock  *flock.Flock // nil where the file system knows no locks
	inode os.FileInfo
	log   *slog.Logger
	alien int // connections of other users that were refused
}

// Listen takes the lock, removes what a dead daemon left, and listens at path
// with mode 0600 from the first instant. It is ErrRunning when a daemon lives.
func Listen(path string, log *slog.Logger) (*Socket, error) {
	if err := prepare(path); err != nil {
		return nil, err
	}
	s := &Socket{path: path, log: log}
	var err error
	if s.lock, err = takeLock(filepath.Join(filepath.Dir(path), "lock")); err != nil {
		return nil, err
	}
	if err := s.bind(); err != nil {
		s.unlock()
		return nil, err
	}
	return s, nil
}

// prepare makes the folder. One in the default place that is ours but open to
// others, as after a chmod or a restored backup, is closed again.
func prepare(path string) error {
	err := wire.MakeDir(path)
	if !errors.Is(err, wire.ErrForeign) || os.Getenv("UNDERSTUDY_SOCKET") != "" {
		return err
	}
	dir, ferr := os.OpenFile(filepath.Dir(path), os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if ferr != nil {
		return err
	}
	defer dir.Close()
	if st, serr := dir.Stat(); serr != nil || int(st.Sys().(*syscall.Stat_t).Uid) != os.Getuid() || dir.Chmod(0o700) != nil {
		return err
	}
	return wire.CheckDir(path)
}

// takeLock takes the lock file for the life of the process. The file that was
// locked must still be the one at path: somebody may have deleted it.
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

func (s *Socket) bind() error {
	if err := s.clear(); err != nil {
		return err
	}
	// A name of our own first, then a link to the real one: a link never
	// replaces what is there, so of two without locks one wins.
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
		err = os.Rename(own, s.path) // no links to sockets here; the lock must do
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
	s.l = l
	return nil
}

// clear removes a dead daemon's socket. It asks first whether one lives: the
// lock file may have been deleted under a daemon that does.
func (s *Socket) clear() error {
	st, err := os.Lstat(s.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if st.Mode().Type() == os.ModeSocket {
		conn, err := wire.Dialer{Path: s.path}.Dial(200 * time.Millisecond)
		if err == nil {
			conn.Close()
			return ErrRunning
		}
		if errors.Is(err, wire.ErrBusy) {
			return ErrRunning
		}
	} else if st.IsDir() {
		return fmt.Errorf("%s is a folder; move it away", s.path)
	}
	return os.Remove(s.path)
}

// Accept returns the next connection of this user; others' are closed.
func (s *Socket) Accept() (net.Conn, wire.Peer, error) {
	for {
		c, err := s.l.AcceptUnix()
		if err != nil {
			return nil, wire.Peer{}, err
		}
		peer, err := peerOf(c)
		if err == nil && peer.UID == os.Getuid() {
			return c, peer, nil
		}
		c.Close()
		if s.alien++; s.alien&(s.alien-1) == 0 { // the 1st, 2nd, 4th, 8th …
			s.log.Warn("refused a connection of another user", "uid", peer.UID, "so_far", s.alien)
		}
	}
}

func peerOf(c *net.UnixConn) (peer wire.Peer, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return peer, err
	}
	if cerr := raw.Control(func(fd uintptr) { peer, err = wire.PeerOf(int(fd)) }); cerr != nil {
		return peer, cerr
	}
	return peer, err
}

// Lost returns when the socket's file is gone or another's, nil, or when ctx
// ends, its error. The kernel tells; where it cannot, a look each 10 s does.
func (s *Socket) Lost(ctx context.Context) error {
	events := make(chan fsnotify.Event)
	var faults chan error
	var tick <-chan time.Time
	if w, err := fsnotify.NewWatcher(); err == nil && w.Add(filepath.Dir(s.path)) == nil {
		defer w.Close()
		events, faults = w.Events, w.Errors
	} else {
		t := time.NewTicker(10 * time.Second)
		defer t.Stop()
		tick = t.C
	}
	for {
		if there, err := os.Lstat(s.path); err != nil || !os.SameFile(s.inode, there) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-events:
		case <-faults:
		case <-tick:
		}
	}
}

// Close stops listening and removes the socket's file if it is still ours.
func (s *Socket) Close() error {
	if there, err := os.Lstat(s.path); err == nil && os.SameFile(s.inode, there) {
		os.Remove(s.path)
	}
	err := s.l.Close()
	s.unlock()
	return err
}

func (s *Socket) unlock() {
	if s.lock != nil {
		s.lock.Close()
	}
}
