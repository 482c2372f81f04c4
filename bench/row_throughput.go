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

// turns is how often the two servers take turns at each number of clients.
const turns = 11

// throughputRow is how many callers the daemon can answer, beside a server that
// reads a line and sends it back. Both are asked by the same clients, a
// connection for each request, in turns.
func throughputRow(ctx context.Context, w *world) ([]figure, error) {
	echo, err := startEcho(ctx, w)
	if err != nil {
		return nil, err
	}
	if err := w.fill(ctx, 1); err != nil {
		return nil, err
	}
	daemon := daemonAt(w.place, 1)
	bare := target{socket: echo, lines: daemon.lines, good: func(answer []byte) bool { return bytes.Equal(answer, daemon.lines[0]) }}
	var out []figure
	for _, clients := range []int{1, 16, 256} {
		var ours, theirs duel
		for range turns {
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
		with := fmt.Sprintf(", %s", connections(clients))
		bareTitle := "Go echo server" + with
		out = append(out,
			figure{Title: "daemon" + with, Value: ours.rate(), Unit: "a second", Goals: []goal{
				{Of: bareTitle, Got: ours.share(theirs), Least: 0.6, Margin: 0.1}}},
			ours.latency("daemon"+with+", a request", goal{Of: bareTitle + ", a request"}, theirs),
			figure{Title: bareTitle, Value: theirs.rate(), Unit: "a second"},
			theirs.latency(bareTitle+", a request", goal{}, duel{}),
		)
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

// rate is that of the middle turn.
func (d duel) rate() float64 { return middle(d.rates) }

// share is what d does of other's rate: the middle one of the shares of turns
// that followed each other, of which what else the machine did hit both.
func (d duel) share(other duel) float64 {
	shares := make([]float64, len(d.rates))
	for i := range shares {
		shares[i] = d.rates[i] / other.rates[i]
	}
	return middle(shares)
}

// latency is a figure of the single requests, beside the other's where there is
// one.
func (d duel) latency(title string, beside goal, other duel) figure {
	f := figure{
		Title: title, Value: milliseconds(d.took.percentile(50)), Unit: "ms",
		P99: milliseconds(d.took.percentile(99)), P999: milliseconds(d.took.percentile(99.9)),
	}
	if beside.Of != "" {
		beside.Got = f.Value / milliseconds(other.took.percentile(50))
		f.Goals = []goal{beside}
	}
	return f
}

// startEcho runs the echo server in a process of its own, as the daemon is.
func startEcho(ctx context.Context, w *world) (socket string, err error) {
	tool, err := onPath("go")
	if err != nil {
		return "", err
	}
	program := filepath.Join(w.dir, "echo")
	build := exec.CommandContext(ctx, tool, "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "understudy/bench/echo")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	socket = filepath.Join(w.dir, "echo.socket")
	cmd := exec.Command(program, socket)
	cmd.Env = w.env()
	stop, err := start(ctx, socket, cmd)
	if err != nil {
		return "", err
	}
	w.stops = append(w.stops, stop)
	return socket, nil
}
