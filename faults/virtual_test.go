//go:build linux

package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"understudy/cache"
	"understudy/daemon/session"
	"understudy/daemon/socket"
	"understudy/internal/credential"
	"understudy/internal/testbed"
	"understudy/internal/wire"
)

// day is 24 hours of a daemon within this program. True time, the boot clock and
// the issuer's clock are the same; the wall clock is off by offset.
type day struct {
	*trial
	name    string
	answers int
	calls   int

	truth, offset lockedDuration
	mu            sync.Mutex // guards calls
}

var dayBegan = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func (d *day) now() credential.Moment {
	at := d.truth.get()
	return credential.Moment{Wall: dayBegan.Add(at + d.offset.get()), Boot: time.Hour + at, ID: "this boot"}
}

// issue is the issuer.
func (d *day) issue(context.Context, credential.Session) (credential.Session, error) {
	d.mu.Lock()
	d.calls++
	n := d.calls
	d.mu.Unlock()
	return credential.Session{
		AccessKeyID: fmt.Sprintf("ASIA%d", n), SecretAccessKey: credential.NewSecret("made-up"), SessionToken: credential.NewSecret("made-up-too"),
		Expiration: dayBegan.Add(d.truth.get() + time.Hour).Truncate(time.Second), Lifetime: time.Hour, Issued: d.now(),
	}, nil
}

// pass lets the day pass, in as many steps as there are answers. With a sleep,
// the machine sleeps so long after each quarter of an hour that it was awake.
func (d *day) pass(wall func(at time.Duration) time.Duration, sleep time.Duration) {
	sessions, err := cache.Open(cache.Config{})
	d.must(err)
	defer sessions.Close(context.Background())
	plan := &credential.Plan{ID: "one", Profile: actor, RoleARN: roleARN + actor, Fetch: d.issue}
	broker := session.New(session.Config{
		Resolve: func(context.Context, credential.Query) (*credential.Plan, error) { return plan, nil },
		Cache:   sessions, Now: d.now,
	})
	defer broker.Close()
	door := pipes{make(chan net.Conn), make(chan struct{})}
	served := make(chan error, 1)
	go func() { served <- socket.New(socket.Config{Broker: broker}).Serve(context.Background(), door) }()
	defer func() { door.Close(); d.must(<-served) }()
	line := wire.Request{Op: wire.Credentials, Profile: actor, ConfigFile: "/a", CredentialsFile: "/b"}.Append(nil)
	step := 24 * time.Hour / time.Duration(d.answers)
	for n := range d.answers {
		at := d.truth.get() + step
		if sleep > 0 && n%max(d.answers/96, 1) == 0 {
			at += sleep
		}
		d.offset.set(wall(at))
		d.truth.set(at)
		answer, err := answerOf(door, line)
		d.must(err)
		if err := d.judged(answer); err != nil {
			d.check(fmt.Errorf("%s, %v into the day: %w", d.name, at.Round(time.Second), err))
			continue
		}
		d.check(nil)
	}
}

// pipes is a listener whose connections stay within this program.
type pipes struct {
	conns chan net.Conn
	over  chan struct{}
}

func (p pipes) Accept() (net.Conn, wire.Peer, error) {
	select {
	case c := <-p.conns:
		return c, wire.Peer{}, nil
	case <-p.over:
		return nil, wire.Peer{}, net.ErrClosed
	}
}

func (p pipes) Close() error {
	select {
	case <-p.over:
	default:
		close(p.over)
	}
	return nil
}

// answerOf is the last line of the server's answer.
func answerOf(door pipes, line []byte) (last string, err error) {
	client, server := net.Pipe()
	defer client.Close()
	client.SetDeadline(time.Now().Add(10 * time.Second))
	select {
	case door.conns <- server:
	case <-time.After(10 * time.Second):
		return "", errors.New("the server accepts no connection within 10 s")
	}
	go client.Write(line) // ends with client
	lines := bufio.NewScanner(client)
	for lines.Scan() {
		last = lines.Text()
	}
	return last, lines.Err()
}

// judged is nil when an answer is right: a session that has not truly expired, or
// where the clock is hours ahead the word that it is.
func (d *day) judged(line string) error {
	var reply struct {
		Credentials *testbed.Keys
		Error       *struct{ Message string }
	}
	if err := json.Unmarshal([]byte(line), &reply); err != nil {
		return err
	}
	switch {
	case reply.Error != nil && d.offset.get() >= time.Hour && strings.Contains(reply.Error.Message, "clock"):
		return nil
	case reply.Error != nil:
		return fmt.Errorf("refused: %s", reply.Error.Message)
	case reply.Credentials == nil:
		return fmt.Errorf("no answer")
	}
	ends, err := time.Parse(credential.TimeFormat, reply.Credentials.Expiration)
	if left := ends.Sub(dayBegan.Add(d.truth.get())); err == nil && left <= 0 {
		return fmt.Errorf("it expired %v ago", -left)
	}
	return err
}
