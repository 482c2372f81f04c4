//go:build linux || darwin

package socket

import (
	"context"
	"net"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Lost returns nil when the socket's file was removed or replaced, and an error when
// ctx ends or the socket is closed. It watches the folder; if the kernel cannot do
// that, it checks every 10 s.
func (s *Socket) Lost(ctx context.Context) error {
	events, faults, stop := watch(filepath.Dir(s.path))
	defer stop()
	moved, stopMoved := watchAncestors(filepath.Dir(s.path))
	defer stopMoved()
	// With a watch, poll rarely: if the watch misses something, the daemon only has to
	// exit eventually, and an idle daemon should sleep.
	period := 10 * time.Minute
	if events == nil {
		period = 10 * time.Second
	}
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		ours := s.ours()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closed:
			return net.ErrClosed
		default:
		}
		if !ours {
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

// watch watches dir for changes; its channels are nil if the kernel cannot.
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
