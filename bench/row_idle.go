package main

import (
	"context"
	"time"
)

const (
	idleSettle = 35 * time.Second       // idle connections to STS end, the runtime quiets down
	idleLook   = 100 * time.Millisecond // switches nearer to each other than this are one wake-up
)

// idleRow is a daemon that nobody asks anything: one that was just started,
// then one that keeps a session warm. Go's runtime looks around once a minute
// by itself; the margin is the one wake-up more that fits between the ends of
// the watch.
func idleRow(ctx context.Context, w *world) ([]figure, error) {
	var out []figure
	for _, state := range []struct {
		title string
		held  int
	}{{"idle daemon, no session", 0}, {"idle daemon, 1 session", 1}} {
		if err := w.renew(ctx); err != nil {
			return nil, err
		}
		if err := w.fill(ctx, state.held); err != nil {
			return nil, err
		}
		if err := wait(ctx, idleSettle); err != nil {
			return nil, err
		}
		wakeups, switched, err := watch(ctx, w.daemon, w.options.idleFor)
		if err != nil {
			return nil, err
		}
		out = append(out,
			figure{Title: state.title + ", wake-ups", Value: wakeups, Unit: "per minute", Goals: []goal{{Got: wakeups, Most: 1, Margin: 1 / w.options.idleFor.Minutes()}}},
			figure{Title: state.title + ", context switches of all threads", Value: switched, Unit: "per minute"},
		)
	}
	return out, nil
}

// watch looks at process pid for so long, and returns per minute how often it
// woke up and how often its threads went to sleep. A wake-up is a moment in
// which any thread ran; it takes several switches, since Go's runtime hands
// the work on from thread to thread.
func watch(ctx context.Context, pid int, long time.Duration) (wakeups, switched float64, err error) {
	start := time.Now()
	first, err := switches(pid)
	if err != nil {
		return 0, 0, err
	}
	last, moments := first, 0
	for time.Since(start) < long {
		if err := wait(ctx, idleLook); err != nil {
			return 0, 0, err
		}
		now, err := switches(pid)
		if err != nil {
			return 0, 0, err
		}
		if now != last {
			moments++
		}
		last = now
	}
	minutes := time.Since(start).Minutes()
	return float64(moments) / minutes, float64(last-first) / minutes, nil
}
