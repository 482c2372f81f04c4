package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/text"
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
	room := rooms.Get().(*[2048]byte)
	line, err := readLine(conn, room[:])
	if err != nil {
		rooms.Put(room)
		if errors.Is(err, errTooLong) {
			reply(conn, wire.AppendError(nil, wire.Usage, err.Error(), "send one request of one line"))
		}
		return
	}
	busy()
	c := &caller{conn: conn, peer: peer, parked: parked, room: room[:0]}
	defer c.leave()
	answer := s.answer(ctx, line, c)
	reply(conn, answer)
	clear(answer) // it may hold a session
	clear(room[:])
	rooms.Put(room)
}

// rooms are what nearly every request, and then its answer, fits into. They are
// used again: a daemon that holds many sessions collects its garbage so seldom
// that each request would else have memory that no cache of the processor knows.
var rooms = sync.Pool{New: func() any { return new([2048]byte) }}

var errTooLong = fmt.Errorf("the request is longer than %d bytes", wire.MaxLine)

// readLine reads up to the first newline, into room where that does. It holds a
// few times what it was sent, and never more than wire.MaxLine. What it read and
// does not return is wiped: a caller's own credentials may come this way.
func readLine(conn net.Conn, room []byte) ([]byte, error) {
	buf := room[:0]
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

// answer returns the reply to c's request, which is line until the answer takes
// its place.
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
	// As much as it takes, since what append outgrows would be left lying about.
	// AWS's values hold nothing that would have to be escaped.
	const around = 256 // names, punctuation, time
	room := slices.Grow(d.from.room, around+len(ses.AccessKeyID)+len(ses.SecretAccessKey.Reveal())+len(ses.SessionToken.Reveal())+len(ses.AccountID))
	return wire.AppendCredentialsBy(room, ses.AppendProcessJSON)
}

func refusal(err error) []byte {
	f := credential.AsFailure(err)
	return wire.AppendError(nil, f.Code, text.Line(f.Reason), text.Line(f.Hint))
}
