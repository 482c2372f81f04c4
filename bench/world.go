package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"understudy/internal/keychain/keyringtest"
	"understudy/internal/sandbox"
	"understudy/internal/testbed"
)

// warmProfile is asked for in the race.
const warmProfile = "p0"

// world is where everything runs: a sandbox for STS, and a place with a daemon
// that all rows share but those that need one of their own.
type world struct {
	*place
	options options
	dir     string
	helper  string // absolute
	sts     *sandbox.Server
	url     string          // of the sandbox
	outside *outside        // nil until a peer needs it
	program testbed.Program // sets up the rest
	stops   []func()        // of everything that rows start, in the order of the starts
}

func newWorld(ctx context.Context, o options) (w *world, err error) {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return nil, err
	}
	w = &world{options: o, sts: sandbox.New(), helper: filepath.Join(bin, "understudy-credentials"), program: testbed.Program{Stem: "us-bench-"}}
	if _, err := os.Stat(w.helper); err != nil {
		return nil, fmt.Errorf("%w; make build first", err)
	}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	testbed.Serve(&w.program, listener, w.sts)
	w.url = "http://" + listener.Addr().String()
	if err := w.program.Try(func() { w.dir = testbed.TempDir(&w.program, "understudy-bench-") }); err != nil {
		return nil, err
	}
	if w.place, err = w.newPlace("race", w.url, 1); err != nil {
		return nil, err
	}
	if o.stub {
		return w, w.startStub()
	}
	return w, w.start(ctx)
}

// close stops everything that was started, the last first.
func (w *world) close() {
	for i := len(w.stops) - 1; i >= 0; i-- {
		w.stops[i]()
	}
	w.program.Close()
}

// keyring starts a gnome-keyring on a bus of its own, as the tests have it, and
// returns what a program needs to find it.
func (w *world) keyring(inMemory bool) (env []string, err error) {
	begin := keyringtest.Start
	if inMemory {
		begin = keyringtest.StartInMemory
	}
	if err := w.program.Try(func() {
		env = []string{"UNDERSTUDY_STORE=keychain", "DBUS_SESSION_BUS_ADDRESS=" + begin(&w.program).Address}
	}); err != nil {
		return nil, &absence{why: err.Error()}
	}
	return env, nil
}
