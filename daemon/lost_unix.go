//go:build linux || darwin

package daemon

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Lost returns when the socket's file is gone or another's, nil, or when ctx
// ends or the socket is closed, an error. The kernel tells; where it cannot, a
// look each 10 s does.
func (s *Socket) Lost(ctx context.Context) error {
	events, faults, stop := watch(filepath.Dir(s.path))
	defer stop()
	moved, stopMoved := above(filepath.Dir(s.path))
	defer stopMoved()
	// Where nobody tells, that a daemon nobody finds ends at all is enough, and an
	// idle one should sleep.
	period := 10 * time.Minute
	if events == nil {
		period = 10 * time.Second
	}
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		there := s.there()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closed:
			return net.ErrClosed
		default:
		}
		if !there {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-s.closed:
		case <-events:
		case <-moved:
		case <-faults:
		case <-tick.C:
		}
	}
}

// watch has the kernel tell of changes in dir; nil channels where it does not.
func watch(dir string) (events <-chan fsnotify.Event, faults <-chan error, stop func()) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, nil, func() {}
	}
	if err := w.Add(dir); err != nil {
		w.Close()
		return nil, nil, func() {}
	}
	return w.Events, w.Errors, func() { w.Close() }
}

// there reports whether the file at the path is the one that was bound. The
// number of an inode is not given anew while its socket is open.
func (s *Socket) there() bool {
	found, err := os.Lstat(s.path)
	return err == nil && os.SameFile(s.inode, found)
}

// Close stops listening and removes the socket's file if it is still ours. The
// lock stays until the process ends: a daemon that lets its last answers out
// still writes what it keeps, and the next must not yet read it. Once closed,
// the file is another's, whatever its number: a second Close does nothing.
func (s *Socket) Close() error {
	err := net.ErrClosed
	s.shutting.Do(func() {
		close(s.closed)
		if s.there() {
			os.Remove(s.path)
		}
		err = s.accepts.close()
	})
	return err
}

// unlock lets the next daemon in.
func (s *Socket) unlock() {
	if s.lock != nil {
		s.lock.Close()
	}
}
