package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	cpuTurns    = 5    // of each server in a heat
	cpuRequests = 5000 // of each turn
)

// cpuRow is the CPU time that the daemon spends on a request, beside the echo
// server. A client in C asks both the same, in turns; what it spends itself is
// in neither.
func cpuRow(ctx context.Context, w *world) ([]figure, error) {
	load, err := w.compile(ctx, "load")
	if err != nil {
		return nil, err
	}
	socket, pid, err := startEcho(ctx, w)
	if err != nil {
		return nil, err
	}
	if err := w.fill(ctx, 1); err != nil {
		return nil, err
	}
	const title, echoTitle = "CPU time of a request, daemon", "CPU time of a request, Go echo server"
	daemon := daemonAt(w.place, 1)
	echo := target{socket: socket, lines: daemon.lines, good: func(answer []byte) bool { return bytes.Equal(answer, daemon.lines[0]) }}
	requests := int(max(w.options.pound*cpuRequests/(400*time.Millisecond), 100))
	var ours, theirs []float64
	for range heats * cpuTurns {
		one, err := echo.cost(ctx, load, pid, requests)
		if err != nil {
			return nil, err
		}
		two, err := daemon.cost(ctx, load, w.daemon, requests)
		if err != nil {
			return nil, err
		}
		theirs, ours = append(theirs, one), append(ours, two)
	}
	spread := func(of []float64) string { return fmt.Sprintf("%.1f to %.1f", slices.Min(of), slices.Max(of)) }
	return []figure{
		{Title: title, Value: middle(ours), Unit: "µs", Spread: spread(ours), Note: "client in C",
			Goals: []goal{goal{Of: echoTitle, Most: 1.5}.best(shares(ours, theirs))}},
		{Title: echoTitle, Value: middle(theirs), Unit: "µs", Spread: spread(theirs), Note: "the same client"},
	}, nil
}

// cost returns how many µs of CPU time the process of t spends on each of n
// requests.
func (t target) cost(ctx context.Context, load string, pid, n int) (float64, error) {
	before, err := cpuTime(pid)
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, load, t.socket, strconv.Itoa(n))
	cmd.Stdin = strings.NewReader(string(t.lines[0]))
	answer, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("the client in C: %w", err)
	}
	if !t.good(answer) {
		return 0, fmt.Errorf("an unexpected answer of %d bytes", len(answer))
	}
	after, err := cpuTime(pid)
	return float64((after - before).Nanoseconds()) / 1000 / float64(n), err
}
