package socket

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// pipes is a Listener whose connections are pipes; faults come before them.
type pipes struct {
	conns  chan net.Conn
	faults chan error
	once   sync.Once
	closed chan struct{}
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), faults: make(chan error, 8), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, wire.Peer, error) {
	select {
	case err := <-p.faults:
		return nil, wire.Peer{}, err
	default:
	}
	select {
	case c := <-p.conns:
		return c, wire.Peer{}, nil
	case <-p.closed:
		return nil, wire.Peer{}, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.once.Do(func() { close(p.closed) }); return nil }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

const askProd = `{"v":1,"op":"credentials","profile":"prod","config_file":"/c","credentials_file":"/d"}` + "\n"

// answer sends askProd and returns all that comes back.
func answer(c net.Conn) string {
	go io.WriteString(c, askProd)
	b, _ := io.ReadAll(c)
	return string(b)
}

// serving plays with a server that serves pipes, and returns how Serve ended.
func serving(t *testing.T, f func(*stage, *pipes, context.CancelFunc), options ...option) {
	play(t, func(st *stage) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		p, done := newPipes(), make(chan error, 1)
		go func() { done <- st.server.Serve(ctx, p) }()
		f(st, p, cancel)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}, options...)
}

func TestFiveHundredSilentClientsDoNotKeepAGoodOneOut(t *testing.T) {
	serving(t, func(st *stage, p *pipes, _ context.CancelFunc) {
		st.mustAsk("prod")
		var silent []net.Conn
		for range 500 {
			silent = append(silent, p.dial())
		}
		began := time.Now()
		if got := answer(p.dial()); !strings.Contains(got, "ASIA") || time.Since(began) > 0 {
			t.Errorf("got %.40q after %v", got, time.Since(began))
		}
		for _, c := range silent {
			c.Close()
		}
	})
}

func TestThoseWhoWaitForAnAnswerKeepTheirPlace(t *testing.T) {
	serving(t, func(st *stage, p *pipes, _ context.CancelFunc) {
		st.Set(func() { st.Delay = time.Second })
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				if got := answer(p.dial()); !strings.Contains(got, "ASIA-id-prod-1") {
					t.Errorf("got %.80q", got)
				}
			})
		}
		all.Wait()
		if st.Count() != 1 {
			t.Errorf("%d calls", st.Count())
		}
	})
}

func TestASlowRoleKeepsNobodyElseWaiting(t *testing.T) {
	serving(t, func(st *stage, p *pipes, _ context.CancelFunc) {
		st.Plan("warm", "id-warm")
		st.mustAsk("warm")
		st.Set(func() { st.Delay = time.Hour })
		var all sync.WaitGroup
		for range 300 {
			all.Go(func() { answer(p.dial()) })
		}
		synctest.Wait()
		began, c := time.Now(), p.dial()
		go io.WriteString(c, strings.Replace(askProd, `"prod"`, `"warm"`, 1))
		b, _ := io.ReadAll(c)
		if !strings.Contains(string(b), "ASIA-id-warm") || time.Since(began) > grace {
			t.Errorf("got %.60q after %v", b, time.Since(began))
		}
		all.Wait()
	})
}

func TestStopDoesNotWaitForAFileSystemThatHangs(t *testing.T) {
	hang := make(chan struct{})
	var once sync.Once
	serving(t, func(st *stage, p *pipes, cancel context.CancelFunc) {
		hang = make(chan struct{}) // of this bubble
		c := p.dial()
		go io.WriteString(c, askProd)
		synctest.Wait()
		began := time.Now()
		cancel()
		st.broker.Close()
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("took %v", took)
		}
		time.Sleep(drain * 2)
		once.Do(func() { close(hang) })
	}, func(c *config) {
		c.broker.Resolve = func(context.Context, credential.Query) (*credential.Plan, error) {
			<-hang
			return nil, sessiontest.ErrDown
		}
	})
}

func TestAcceptThatFailsIsTriedAgain(t *testing.T) {
	serving(t, func(st *stage, p *pipes, _ context.CancelFunc) {
		st.mustAsk("prod")
		synctest.Wait() // Serve stands in Accept by now
		for range 3 {
			p.faults <- errors.New("too many open files")
		}
		for range 5 {
			if got := answer(p.dial()); !strings.Contains(got, "ASIA") {
				t.Fatalf("got %.80q", got)
			}
		}
	})
}

func TestStopCutsNoAnswerShortAndEndsWithinTwoSeconds(t *testing.T) {
	for _, c := range []struct {
		delay time.Duration
		want  string
	}{{time.Second, "ASIA"}, {time.Hour, "stopping"}} {
		serving(t, func(st *stage, p *pipes, cancel context.CancelFunc) {
			st.Set(func() { st.Delay = c.delay })
			got := make(chan string)
			go func() { got <- answer(p.dial()) }()
			synctest.Wait()
			began := time.Now()
			cancel()
			if s := <-got; !strings.Contains(s, c.want) {
				t.Errorf("STS takes %v: got %.200q", c.delay, s)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("STS takes %v: stopped after %v", c.delay, took)
			}
		})
	}
}

func TestStopVerbEndsTheServer(t *testing.T) {
	play(t, func(st *stage) {
		p, done := newPipes(), make(chan error, 1)
		go func() { done <- st.server.Serve(context.Background(), p) }()
		c := p.dial()
		go io.WriteString(c, `{"v":1,"op":"stop"}`+"\n")
		b, _ := io.ReadAll(c)
		if !strings.Contains(string(b), "stopping") {
			t.Errorf("got %q", b)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestIdleServerLeavesWhenToldTo(t *testing.T) {
	play(t, func(st *stage) {
		p, began := newPipes(), time.Now()
		done := make(chan error, 1)
		go func() { done <- st.server.Serve(context.Background(), p) }()
		time.Sleep(7 * time.Minute)
		answer(p.dial())
		if err := <-done; err != nil || time.Since(began).Round(time.Second) != 17*time.Minute {
			t.Errorf("left after %v, %v", time.Since(began), err)
		}
	}, func(c *config) { c.server.IdleExit = 10 * time.Minute })
}
