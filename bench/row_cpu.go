package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"time"
)

const (
	cpuTurns    = 15   // of each server in a heat
	cpuRequests = 1600 // in a turn, by all clients
)

// cpuRow is the CPU time that the daemon spends on a request, compared with the
// echo server's. Clients in C send the same to both, in turns; the clients' CPU
// time is not included.
func cpuRow(ctx context.Context, w *world) ([]figure, error) {
	load, err := w.compile(ctx, "load")
	if err != nil {
		return nil, err
	}
	daemon, bare, pid, err := rivals(ctx, w)
	if err != nil {
		return nil, err
	}
	requests := max(cpuRequests*int(w.options.pound/time.Millisecond)/400, 16)
	var out []figure
	for _, clients := range []int{1, 16} {
		var ours, theirs []float64
		for range heats * cpuTurns {
			one, err := bare.cost(ctx, load, pid, clients, requests/clients)
			if err != nil {
				return nil, err
			}
			two, err := daemon.cost(ctx, load, w.daemon, clients, requests/clients)
			if err != nil {
				return nil, err
			}
			theirs, ours = append(theirs, one), append(ours, two)
		}
		title := fmt.Sprintf("CPU time of a request, %s", connections(clients))
		out = append(out, cpuFigure(title+", daemon", ours), cpuFigure(title+", Go echo server", theirs))
		ourFigure := &out[len(out)-2]
		ourFigure.Goals = []goal{goal{Of: out[len(out)-1].Title, Most: 1.5}.best(shares(ours, theirs))}
	}
	return out, nil
}

func cpuFigure(title string, took []float64) figure {
	return figure{Title: title, Value: middle(took), Unit: "µs", Spread: fmt.Sprintf("%.1f to %.1f", slices.Min(took), slices.Max(took))}
}

// cost returns the CPU time that process pid, which serves t, spends on a
// request, in µs. Each of the clients sends n requests.
func (t target) cost(ctx context.Context, load string, pid, clients, n int) (float64, error) {
	before, err := cpuTime(pid)
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, load, t.socket, strconv.Itoa(clients), strconv.Itoa(n))
	cmd.Stdin = bytes.NewReader(t.lines[0])
	answer, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("the client in C: %w", err)
	}
	if !t.good(answer) {
		return 0, fmt.Errorf("an unexpected answer of %d bytes", len(answer))
	}
	after, err := cpuTime(pid)
	return float64((after - before).Nanoseconds()) / 1000 / float64(n*clients), err
}
