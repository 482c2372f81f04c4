package socket

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"understudy/internal/wire"
)

// A Listener accepts connections of this user only, as the kernel identifies the peer.
type Listener interface {
	Accept() (net.Conn, wire.Peer, error)
	Close() error
}

// drain is how long a stopping server waits for answers in progress.
const drain = 1500 * time.Millisecond

// Serve answers connections from l until ctx ends, a client asks it to stop, or no
// connection came for Config.IdleExit. Then it accepts no more, sends the answers in
// progress, and returns. The caller closes the broker afterwards.
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

	restart := func() {}
	if d := s.cfg.IdleExit; d > 0 {
		idle := time.AfterFunc(d, cancel)
		defer idle.Stop()
		restart = func() { idle.Reset(d) }
	}

	// Requests may outlive ctx: drain gives them time to be answered.
	requests, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	var serving sync.WaitGroup
	for pause := time.Duration(0); pool.wait(); {
		conn, peer, err := l.Accept()
		if err == nil {
			pause = 0
			restart()
			member := pool.add(conn)
			serving.Go(func() {
				defer pool.remove(member)
				s.serveConn(requests, conn, peer, func() { pool.busy(member) }, func() { pool.park(member) })
			})
			continue
		}
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			break
		}
		// Most likely there are no free file descriptors: evict an idle connection.
		pool.evict()
		pause = min(max(2*pause, 5*time.Millisecond), 500*time.Millisecond)
		s.cfg.Log.Warn("accept", "reason", err.Error(), "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	cancel()
	s.drain(&serving, pool, abandon)
	return nil
}

// drain waits for the answers in progress; it first stops their fetches, then closes
// their connections.
func (s *Server) drain(serving *sync.WaitGroup, pool *pool, abandon func()) {
	ended := make(chan struct{})
	go func() { serving.Wait(); close(ended) }()
	for _, step := range []struct {
		wait time.Duration
		then func()
	}{
		{drain, s.cfg.Broker.Stop}, // answers the callers that still wait
		{drain / 3, func() { abandon(); pool.closeAll() }},
		{drain / 3, func() {}}, // a file system hangs; the process ends anyway
	} {
		select {
		case <-ended:
			return
		case <-time.After(step.wait):
			step.then()
		}
	}
}
