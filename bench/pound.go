package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"time"

	"understudy/internal/wire"
)

// request is the line that the helper sends for a profile of p.
func (p *place) request(profile string) []byte {
	folder := filepath.Join(p.bed.Home, ".aws")
	return wire.Request{
		Op: wire.Credentials, Profile: profile,
		ConfigFile: filepath.Join(folder, "config"), CredentialsFile: filepath.Join(folder, "credentials"),
	}.Append(nil)
}

// target is a server and what is sent to it in turn.
type target struct {
	socket string
	lines  [][]byte
	from   int // the line to begin with
	good   func(answer []byte) bool
}

// daemonAt asks for the sessions of the first n profiles of p, each a hit.
func daemonAt(p *place, n int) target {
	t := target{socket: p.bed.Socket, good: func(answer []byte) bool {
		return bytes.HasPrefix(answer, []byte(`{"v":1,"credentials":{`))
	}}
	for i := range n {
		t.lines = append(t.lines, p.request(profileName(i)))
	}
	return t
}

// pound keeps n clients busy for d, each making one round trip after the other
// on a connection of its own, as helpers do, and returns what each took. Each
// makes one at least, also where the machine has no time for it within d.
func (t target) pound(ctx context.Context, n int, d time.Duration) (samples, error) {
	took := make([]samples, n)
	errs := make([]error, n)
	until := time.Now().Add(d)
	var clients sync.WaitGroup
	for c := range n {
		clients.Go(func() {
			buf := make([]byte, wire.MaxLine)
			for i := t.from + c; ; i++ {
				began := time.Now()
				errs[c] = t.trip(t.lines[i%len(t.lines)], buf)
				took[c] = append(took[c], time.Since(began))
				if errs[c] != nil || ctx.Err() != nil || !time.Now().Before(until) {
					return
				}
			}
		})
	}
	clients.Wait()
	var all samples
	for _, some := range took {
		all = append(all, some...)
	}
	return all, errors.Join(append(errs, ctx.Err())...)
}

// trip is one round trip.
func (t target) trip(line, buf []byte) error {
	conn, err := net.Dial("unix", t.socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(wire.ReadTimeout))
	if _, err := conn.Write(line); err != nil {
		return err
	}
	for have := 0; ; {
		n, err := conn.Read(buf[have:])
		have += n
		switch {
		case n > 0 && buf[have-1] == '\n' && t.good(buf[:have]):
			return nil
		case n > 0 && buf[have-1] == '\n':
			return fmt.Errorf("an answer that is not as it should be, of %d bytes", have)
		case err != nil:
			return fmt.Errorf("an answer cut after %d bytes: %w", have, err)
		}
	}
}
