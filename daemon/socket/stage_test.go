package socket

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"understudy/cache"
	"understudy/daemon/session"
	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/status"
	"understudy/internal/wire"
)

// stage is a server and its broker in a synctest bubble, with an issuer that the test
// controls.
type stage struct {
	*sessiontest.Issuer
	t      *testing.T
	server *Server
	broker *session.Broker
}

// config configures the server and the broker.
type config struct {
	broker session.Config
	server Config
}

type option func(*config)

// play runs f on a stage in a bubble and closes the broker afterwards.
func play(t *testing.T, f func(*stage), options ...option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := &stage{t: t, Issuer: sessiontest.New()}
		sessions, err := cache.Open(cache.Config{})
		if err != nil {
			t.Fatal(err)
		}
		c := config{broker: session.Config{Resolve: st.Resolve, Cache: sessions, Now: st.Now, Log: slog.New(slog.DiscardHandler)}}
		for _, o := range options {
			o(&c)
		}
		st.broker = session.New(c.broker)
		c.server.Broker = st.broker
		c.server.Status = func() status.Report { return status.Report{Sessions: st.broker.Status()} }
		st.server = New(c.server)
		f(st)
		st.broker.Close()
		if err := sessions.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func (st *stage) mustAsk(profile string) credential.Session {
	st.t.Helper()
	ses, err := st.broker.Get(context.Background(), sessiontest.Query(profile), session.Want{})
	if err != nil {
		st.t.Fatalf("after %v: %v", st.Since(), err)
	}
	return ses
}

// serve answers the one request of conn.
func (st *stage) serve(conn net.Conn) {
	conn.SetReadDeadline(time.Now().Add(wire.ReadTimeout))
	st.server.serveConn(context.Background(), conn, wire.Peer{}, func() {}, func() {})
}

// send writes one line to the server over a pipe and returns its last line.
func (st *stage) send(line string) string {
	st.t.Helper()
	client, server := net.Pipe()
	go st.serve(server)
	go io.WriteString(client, line)
	defer client.Close()
	r, last := bufio.NewReaderSize(client, wire.MaxLine), ""
	for {
		got, err := r.ReadString('\n')
		if err != nil {
			return last
		}
		last = got[:len(got)-1]
	}
}
