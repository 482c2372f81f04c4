package daemon

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"understudy/internal/wire"
)

// A Listener yields connections whose peer the kernel has named and that was
// found to be this user.
type Listener interface {
	Accept() (net.Conn, wire.Peer, error)
	Close() error
}

// drain is how long a stopping server waits for answers under way.
const drain = 1500 * time.Millisecond

// Serve answers connections from l until ctx ends or a client asks to stop.
// Then it accepts no more, lets the answers under way go out, and returns; the
// caller closes the Server afterwards.
func (s *Server) Serve(ctx context.Context, l Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	s.quit = cancel
	s.mu.Unlock()

	pool := newPool(wire.MaxConns)
	closed := context.AfterFunc(ctx, func() {
		l.Close()
		pool.close()
	})
	defer closed()

	touch := func() {}
	if d := s.cfg.IdleExit; d > 0 {
		idle := time.AfterFunc(d, cancel)
		defer idle.Stop()
		touch = func() { idle.Reset(d) }
	}

	// Requests outlive ctx by the time it takes to answer them.
	requests, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	var serving sync.WaitGroup
	for pause := time.Duration(0); ; {
		if !pool.wait() {
			break
		}
		conn, peer, err := l.Accept()
		if err == nil {
			pause = 0
			touch()
			slot := pool.add(conn)
			serving.Go(func() {
				defer pool.remove(slot)
				s.serveConn(requests, conn, peer, func() { pool.busy(slot) }, func() { pool.park(slot) })
			})
			continue
		}
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			break
		}
		// Out of file descriptors, most likely: idle connections hold some.
		pool.evict()
		pause = min(max(2*pause, 5*time.Millisecond), 500*time.Millisecond)
		s.cfg.Log.Warn("accept", "reason", err.Error(), "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	cancel()
	ended := make(chan struct{})
	go func() { serving.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(drain):
		s.stop(errStopping) // whoever still waits is told
		select {
		case <-ended:
		case <-time.After(drain / 3):
			abandon()
			pool.closeAll()
			select {
			case <-ended:
			case <-time.After(drain / 3): // held by a file system; let the process end
			}
		}
	}
	return nil
}

// stopAsked ends Serve as a signal would.
func (s *Server) stopAsked() {
	s.mu.Lock()
	quit := s.quit
	s.mu.Unlock()
	if quit != nil {
		quit()
	}
}
