package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"understudy/internal/launch"
	"understudy/internal/place"
	"understudy/internal/settings"
	"understudy/internal/status"
	"understudy/internal/terminal"
	"understudy/internal/wire"
)

// endBySignal gives the signals their usual meaning back for the rest of a verb
// that has nothing to put in order: a round trip has deadlines and no way to be
// called off.
func endBySignal() { signal.Reset(os.Interrupt, syscall.SIGTERM) }

// ask makes one round trip with the daemon that runs, and answers at the terminal
// what that asks meanwhile. It starts none: where none runs the error is
// wire.ErrNotRunning.
func ask(r wire.Request) ([]byte, error) {
	path, err := place.SocketPath()
	if err != nil {
		return nil, err
	}
	conn, err := wire.Dialer{Path: path, Answer: terminal.Answer}.Dial(wire.RetryFor)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	reply, err := conn.Do(r, wire.ReadTimeout)
	if err != nil {
		return nil, err
	}
	if reply.Err != nil {
		return nil, reply.Err
	}
	return reply.Body, nil
}

// askStarted is ask that starts a daemon where none runs, as the helper does,
// and hands on the files that the caller's environment names. It may take as
// long as a person is asked; the question goes on in the daemon when Ctrl-C ends
// this program.
func askStarted(r wire.Request) ([]byte, error) {
	endBySignal()
	l, config, credentials, err := newLauncher()
	if err != nil {
		return nil, err
	}
	if r.Op == wire.Credentials {
		r.ConfigFile, r.CredentialsFile = config, credentials
	}
	return l.Do(r)
}

// newLauncher returns a launcher that hands the files that the environment names
// to a daemon that it starts, and the files themselves.
func newLauncher() (l launch.Launcher, config, credentials string, err error) {
	socket, err := place.SocketPath()
	if err != nil {
		return l, "", "", err
	}
	config, credentials, named, err := place.AWSFiles()
	if err != nil {
		return l, "", "", err
	}
	l.Dialer = wire.Dialer{Path: socket, Answer: terminal.Answer}
	if named[0] {
		l.ConfigFile = config
	}
	if named[1] {
		l.CredentialsFile = credentials
	}
	return l, config, credentials, nil
}

// report is the daemon's status as it came: what a newer daemon adds goes
// through `status --json` untouched. Daemon is nil where none runs.
type report struct {
	Daemon   json.RawMessage   `json:"daemon"`
	Sessions []json.RawMessage `json:"sessions"`
}

// askStatus asks the running daemon, page by page. Sessions that begin or end
// between two pages may be missing or listed twice.
func askStatus() (report, error) {
	all := report{Sessions: []json.RawMessage{}}
	for {
		body, err := ask(wire.Request{Op: wire.Status, Skip: len(all.Sessions)})
		if errors.Is(err, wire.ErrNotRunning) && all.Daemon == nil {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		var page struct {
			report
			More bool `json:"more"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return all, notUnderstood(err)
		}
		all.Daemon = page.Daemon
		all.Sessions = append(all.Sessions, page.Sessions...)
		if !page.More || len(page.Sessions) == 0 {
			return all, nil
		}
	}
}

// overview is a report in the daemon's own types; Daemon is nil where none runs.
type overview struct {
	Daemon   *status.Daemon
	Sessions []status.Session
	Settings error // why no daemon starts where none runs; nil when one would
}

func (r report) read() (overview, error) {
	var o overview
	if r.Daemon == nil {
		_, o.Settings = settings.Load()
	} else {
		if err := json.Unmarshal(r.Daemon, &o.Daemon); err != nil {
			return o, notUnderstood(err)
		}
	}
	for _, raw := range r.Sessions {
		var s status.Session
		if err := json.Unmarshal(raw, &s); err != nil {
			return o, notUnderstood(err)
		}
		o.Sessions = append(o.Sessions, s)
	}
	return o, nil
}

// look is askStatus and read in one, for verbs that a signal may end.
func look() (overview, error) {
	endBySignal()
	r, err := askStatus()
	if err != nil {
		return overview{}, err
	}
	return r.read()
}

func notUnderstood(err error) error {
	return &wire.Error{Code: wire.NoDaemon,
		Message: fmt.Sprintf("the daemon's answer is not one this version understands: %v", err),
		Hint:    "the two may be of different versions; run: understudy daemon restart"}
}
