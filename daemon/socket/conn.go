package socket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"understudy/internal/wire"
)

// ServeConn answers the one request of conn and closes it. peer is who asks, as the
// kernel says; zero if it does not.
func (s *Server) ServeConn(ctx context.Context, conn net.Conn, peer wire.Peer) {
	conn.SetReadDeadline(time.Now().Add(wire.ReadTimeout))
	s.serveConn(ctx, conn, peer, func() {}, func() {})
}

// serveConn is ServeConn for a conn that has its read deadline. It calls busy when
// the request is complete, and parked if the answer then has to wait for a fetch.
func (s *Server) serveConn(ctx context.Context, conn net.Conn, peer wire.Peer, busy, parked func()) {
	defer conn.Close()
	defer func() {
		// A fault of ours fails one request only. The value may hold anything, so
		// only its type is logged.
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
	defer c.leave()
	answer := s.answer(ctx, line, c)
	reply(conn, answer)
	clear(answer) // it may hold a session
	clear(buf[:])
	buffers.Put(buf)
}

// buffers hold a request, and then its answer. They are pooled: with a large heap
// the garbage collector runs rarely, so fresh buffers would always be cold in the
// CPU's caches.
var buffers = sync.Pool{New: func() any { return new([2048]byte) }}

var errTooLong = fmt.Errorf("the request is longer than %d bytes", wire.MaxLine)

// readLine reads up to the first newline, into buf if that is large enough. It
// allocates a few times what it was sent, and never more than wire.MaxLine. What it
// read and does not return is wiped: it may hold a caller's own credentials.
func readLine(conn net.Conn, buf []byte) ([]byte, error) {
	buf = buf[:0]
	for {
		n, err := conn.Read(buf[len(buf):cap(buf)])
		seen := len(buf)
		buf = buf[:seen+n]
		if i := bytes.IndexByte(buf[seen:], '\n'); i >= 0 {
			return buf[:seen+i], nil
		}
		if err == nil && len(buf) >= wire.MaxLine {
			err = errTooLong
		}
		if err != nil {
			clear(buf)
			return nil, err
		}
		if len(buf) == cap(buf) {
			outgrown := buf
			buf = append(make([]byte, 0, min(4*cap(buf), wire.MaxLine)), buf...)
			clear(outgrown)
		}
	}
}
