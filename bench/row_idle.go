package main

import (
	"context"
	"time"
)

const (
	idleSettle = 35 * time.Second       // idle connections to STS end, the runtime quiets down
	idleLook   = 100 * time.Millisecond // switches nearer to each other than this are one wake-up
)

// idleRow is a daemon that holds one session and that nobody asks anything.
// A wake-up is a moment in which any of its threads ran; each takes several
// switches, as the runtime hands the work on from thread to thread.
func idleRow(ctx context.Context, w *world) ([]figure, error) {
	if err := w.restart(ctx); err != nil {
		return nil, err
	}
	if err := w.fill(ctx, 1); err != nil {
		return nil, err
	}
	if err := wait(ctx, idleSettle); err != nil {
		return nil, err
	}
	start := time.Now()
	first, err := switches(w.daemon)
	if err != nil {
		return nil, err
	}
	last, wakeups := first, 0
	for time.Since(start) < w.options.idleFor {
		if err := wait(ctx, idleLook); err != nil {
			return nil, err
		}
		now, err := switches(w.daemon)
		if err != nil {
			return nil, err
		}
		if now != last {
			wakeups++
		}
		last = now
	}
	minutes := time.Since(start).Minutes()
	rate := float64(wakeups) / minutes
	return []figure{
		{Title: "idle daemon, wake-ups", Value: rate, Unit: "per minute", Goals: []goal{{Got: rate, Most: 1}}},
		{Title: "idle daemon, context switches of all threads", Value: float64(last-first) / minutes, Unit: "per minute"},
	}, nil
}
