package socket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"

	"understudy/internal/wire"
)

// serveConn answers the one request of conn, which has a read deadline, and closes it.
// peer is the client, as the kernel reports it; zero if it does not. serveConn calls
// busy when the request is complete, and parked if the request then waits for a fetch.
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
