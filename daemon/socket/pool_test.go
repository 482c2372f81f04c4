//go:build linux || darwin

package socket

import (
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// connected returns both ends of a connection over a socket.
func connected(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("unix", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return client, server
}

// On a machine that is busy a request may lie there for longer than the grace
// before its goroutine gets to read it.
func TestACallerWhoseRequestHasComeIsNotTakenForSilent(t *testing.T) {
	client, server := connected(t)
	p := newPool(1)
	m := p.add(server)
	m.since = m.since.Add(-time.Hour)
	if _, err := io.WriteString(client, "x"); err != nil {
		t.Fatal(err)
	}
	if wait, evicted := p.evictLocked(); evicted || wait <= 0 {
		t.Fatalf("evicted %v, look again in %v", evicted, wait)
	}
	if _, err := server.Read(make([]byte, 1)); err != nil {
		t.Fatalf("it is not read any more: %v", err)
	}
	if _, evicted := p.evictLocked(); !evicted {
		t.Error("one that has been read and says no more keeps its place")
	}
}

func TestAnAnswerThatGoesOutLeavesItsPlaceBeforeASilentOneLosesIts(t *testing.T) {
	_, silent := connected(t)
	_, answered := connected(t)
	p := newPool(2)
	first, second := p.add(silent), p.add(answered)
	first.since = first.since.Add(-time.Hour)
	p.busy(second)
	room := make(chan bool)
	go func() { room <- p.wait() }()
	p.remove(second)
	if !<-room || first.gone {
		t.Error("the silent one went")
	}
	p.busy(p.add(answered)) // and stays so
	if !p.wait() || !first.gone {
		t.Error("a silent one kept its place for good")
	}
}

func TestOneThatHungUpIsSilent(t *testing.T) {
	client, server := connected(t)
	p := newPool(1)
	p.add(server).since = time.Now().Add(-time.Hour)
	client.Close()
	if _, evicted := p.evictLocked(); !evicted {
		t.Error("it keeps its place")
	}
}

// Between the reading of a request and the call of busy, another connection may need
// the place.
func TestARequestThatHasJustBeenReadIsAnsweredAllTheSame(t *testing.T) {
	client, server := connected(t)
	p := newPool(1)
	m := p.add(server)
	m.since = m.since.Add(-time.Hour)
	if _, evicted := p.evictLocked(); !evicted {
		t.Fatal("it keeps its place")
	}
	p.busy(m)
	p.park(m)
	if p.parked != 0 {
		t.Error("a connection without a place gave one back")
	}
	if _, err := io.WriteString(server, "answer\n"); err != nil {
		t.Error(err)
	}
	b := make([]byte, len("answer\n"))
	if _, err := io.ReadFull(client, b); err != nil || string(b) != "answer\n" {
		t.Errorf("%q, %v", b, err)
	}
}
