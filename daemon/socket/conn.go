package socket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"understudy/internal/wire"
)

// ServeConn answers the one request of conn and closes it. peer is the client, as the
// kernel reports it; zero if it does not.
func (s *Server) ServeConn(ctx context.Context, conn net.Conn, peer wire.Peer) {
	conn.SetReadDeadline(time.Now().Add(wire.ReadTimeout))
	s.serveConn(ctx, conn, peer, func() {}, func() {})
}

// serveConn is ServeConn for a conn that already has a read deadline. It calls busy
// when the request is complete, and parked if the request then waits for a fetch.
func (s *Server) serveConn(ctx context.Context, conn net.Conn, peer wire.Peer, busy, parked func()) {
	defer conn.Close()
	defer func() {
		// A panic fails one request only. Its value may hold a secret, so only its
		// type is logged.
		if v := recover(); v != nil {
			s.cfg.Log.Error("a request ended in a panic", "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		}
	}()
	buf := buffers.Get().(*[2048]byte)
	line, err := readLine(conn, buf[:])
	if err != nil {
		buffers.Put(buf)
		if errors.Is(err, errTooLong) {
			reply(conn, wire.AppendError(nil, wire.Usage, err.Error(), "send one request of one line"))
		}
		return
	}
	busy()
	c := &caller{conn: conn, peer: peer, parked: parked, buf: buf[:0]}
	defer c.close()
	answer := s.answer(ctx, line, c)
	reply(conn, answer)
	clear(answer) // it may hold a session
	clear(buf[:])
	buffers.Put(buf)
}
