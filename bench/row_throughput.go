package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// turns is how often each server takes its turn in a heat.
const turns = 5

// throughputRow is how many callers the daemon can answer, compared with a server that
// reads a line and sends it back. Both are asked by the same clients, a
// connection for each request, in turns.
func throughputRow(ctx context.Context, w *world) ([]figure, error) {
	daemon, bare, _, err := rivals(ctx, w)
	if err != nil {
		return nil, err
	}
	var out []figure
	for _, clients := range []int{1, 16, 256} {
		var ours, theirs duel
		for range heats * turns {
			for _, one := range []struct {
				t target
				d *duel
			}{{bare, &theirs}, {daemon, &ours}} {
				took, err := one.t.pound(ctx, clients, w.options.pound)
				if err != nil {
					return nil, err
				}
				one.d.add(took, w.options.pound)
			}
		}
		with := ", " + connections(clients)
		ourFigure, theirFigure := ours.figure("daemon"+with), theirs.figure("Go echo server"+with)
		ourFigure.Goals = []goal{goal{Of: theirFigure.Title, Least: 0.85}.best(shares(ours.rates, theirs.rates))}
		out = append(out, ourFigure, theirFigure)
	}
	return out, nil
}

func connections(n int) string {
	if n == 1 {
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", n)
}

// duel is what one of two servers did in its turns.
type duel struct {
	rates []float64 // a second, of each turn
	took  samples   // of all
}

func (d *duel) add(took samples, in time.Duration) {
	d.rates = append(d.rates, float64(len(took))/in.Seconds())
	d.took = append(d.took, took...)
}

func (d duel) figure(title string) figure {
	return figure{Title: title, Value: middle(d.rates), Unit: "a second",
		Spread: fmt.Sprintf("a request: %.2f ms, %s", milliseconds(d.took.percentile(50)), d.took.tail())}
}

// rivals returns the world's daemon, which has one session, and an echo server that is
// sent the same lines, with its process.
func rivals(ctx context.Context, w *world) (daemon, echo target, pid int, err error) {
	socket, pid, err := startEcho(ctx, w)
	if err == nil {
		err = w.fill(ctx, 1)
	}
	daemon = daemonAt(w.place, 1)
	same := func(answer []byte) bool { return bytes.Equal(answer, daemon.lines[0]) }
	return daemon, target{socket: socket, lines: daemon.lines, good: same}, pid, err
}

// startEcho runs the echo server in a process of its own, as the daemon is.
func startEcho(ctx context.Context, w *world) (socket string, pid int, err error) {
	program, err := w.build(ctx, "understudy/bench/echo")
	if err != nil {
		return "", 0, err
	}
	dir, err := os.MkdirTemp(w.dir, "echo-")
	if err != nil {
		return "", 0, err
	}
	socket = filepath.Join(dir, "socket")
	cmd := exec.Command(program, socket)
	cmd.Env = w.env()
	stop, err := start(ctx, socket, cmd)
	if err != nil {
		return "", 0, err
	}
	w.stops = append(w.stops, stop)
	return socket, cmd.Process.Pid, nil
}
