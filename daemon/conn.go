package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// ServeConn answers the one request of conn and closes it. peer is who asks, as
// the kernel says; the zero Peer where nobody does.
func (s *Server) ServeConn(ctx context.Context, conn net.Conn, peer wire.Peer) {
	conn.SetReadDeadline(time.Now().Add(wire.ReadTimeout))
	s.serveConn(ctx, conn, peer, func() {}, func() {})
}

// serveConn is ServeConn of a conn that has its read deadline. It calls busy
// once the request is whole, and parked where it then has to wait for a fetch.
func (s *Server) serveConn(ctx context.Context, conn net.Conn, peer wire.Peer, busy, parked func()) {
	defer conn.Close()
	defer func() {
		// One request that trips over a fault of ours costs that request only.
		// The value may hold anything, so only its type is logged.
		if v := recover(); v != nil {
			s.cfg.Log.Error("a request ended in a panic", "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		}
	}()
	line, err := readLine(conn)
	if err != nil {
		if errors.Is(err, errTooLong) {
			reply(conn, wire.AppendError(nil, wire.Usage, err.Error(), "send one request of one line"))
		}
		return
	}
	busy()
	c := &caller{conn: conn, peer: peer, parked: parked}
	defer c.leave()
	answer := s.answer(ctx, line, c)
	reply(conn, answer)
	clear(answer) // it may hold a session
}

var errTooLong = fmt.Errorf("the request is longer than %d bytes", wire.MaxLine)

// readLine reads up to the first newline. It holds no more than it was sent,
// and never more than wire.MaxLine.
func readLine(conn net.Conn) ([]byte, error) {
	buf := make([]byte, 0, 512)
	for {
		n, err := conn.Read(buf[len(buf):cap(buf)])
		seen := len(buf)
		buf = buf[:seen+n]
		if i := bytes.IndexByte(buf[seen:], '\n'); i >= 0 {
			return buf[:seen+i], nil
		}
		if err != nil {
			return nil, err
		}
		if len(buf) >= wire.MaxLine {
			return nil, errTooLong
		}
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, min(4*cap(buf), wire.MaxLine)), buf...)
		}
	}
}

// answer returns the reply to c's request.
func (s *Server) answer(ctx context.Context, line []byte, c *caller) []byte {
	r, err := s.paths.parseRequest(line)
	if err != nil {
		return refusal(err)
	}
	var body []byte
	switch r.Op {
	case wire.Credentials:
		q := credential.Query{Profile: r.Profile, ConfigFile: r.ConfigFile, CredentialsFile: r.CredentialsFile}
		return s.credentials(ctx, demand{query: q, person: r.Person || r.Login, login: r.Login, device: r.Device, from: c})
	case wire.Status:
		if s.cfg.Access != nil {
			s.cfg.Access.Flush() // whoever looks may look there next
		}
		body, err = json.Marshal(s.Status().page(r.Skip))
	case wire.Forget:
		var n int
		n, err = s.Forget(ctx, r.Profile, r.All)
		body = fmt.Appendf(nil, `{"forgotten":%d}`, n)
	case wire.Approve:
		body, err = json.Marshal(s.Questions())
	case wire.Stop:
		s.stopAsked()
		body = []byte(`{"stopping":true}`)
	}
	if err != nil {
		return refusal(err)
	}
	return wire.AppendResult(nil, body)
}

func (s *Server) credentials(ctx context.Context, d demand) []byte {
	p, err := s.planFor(ctx, &d)
	var ses credential.Session
	if err == nil && d.login {
		err = s.login(ctx, p, d)
	}
	if err == nil {
		ses, err = s.session(ctx, p, d)
	}
	if s.cfg.Access != nil {
		s.cfg.Access.note(s.cfg.Now().Wall, d.from.peer, d.query.Profile, p, err)
	}
	if err != nil {
		return refusal(err)
	}
	return wire.AppendCredentialsBy(make([]byte, 0, 384+len(ses.SessionToken.Reveal())), ses.AppendProcessJSON)
}

func refusal(err error) []byte {
	f := credential.AsFailure(err)
	return wire.AppendError(nil, f.Code, wire.Line(f.Reason), wire.Line(f.Hint))
}
