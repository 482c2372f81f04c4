package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"understudy/internal/sandbox"
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
	url     string   // of the sandbox
	peered  bool     // the configuration has the peers' profile
	stops   []func() // of everything, in the order of their start
}

func newWorld(ctx context.Context, o options) (w *world, err error) {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return nil, err
	}
	w = &world{options: o, sts: sandbox.New(), helper: filepath.Join(bin, "understudy-credentials")}
	w.place = &place{understudy: filepath.Join(bin, "understudy")}
	if _, err := os.Stat(w.helper); err != nil {
		return nil, fmt.Errorf("%w; make build first", err)
	}
	if w.dir, err = os.MkdirTemp("", "understudy-bench-"); err != nil {
		return nil, err
	}
	w.stops = append(w.stops, func() { os.RemoveAll(w.dir) })
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.url, err = w.serveSTS(); err != nil {
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
	w.stops = nil
}

func (w *world) serveSTS() (url string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: w.sts}
	done := make(chan struct{})
	go func() {
		server.Serve(listener)
		close(done)
	}()
	w.stops = append(w.stops, func() {
		server.Close()
		<-done
	})
	return "http://" + listener.Addr().String(), nil
}
