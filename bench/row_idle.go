package main

import (
	"context"
	"time"
)

const (
	idleSettle = 35 * time.Second       // idle connections to STS end, the runtime quiets down
	idleLook   = 100 * time.Millisecond // switches nearer to each other than this are one wake-up
)

// idleRow is a daemon without requests: one that was just started, then one
// that keeps a session warm. Go's runtime looks around once a minute by
// itself. The counts are scaled to an hour.
func idleRow(ctx context.Context, w *world) ([]figure, error) {
	var out []figure
	p, err := w.newPlace("idle", w.url, 1)
	if err != nil {
		return nil, err
	}
	for _, state := range []struct {
		title string
		held  int
	}{{"idle daemon, no session", 0}, {"idle daemon, 1 session", 1}} {
		if err := p.blank(); err != nil {
			return nil, err
		}
		if err := p.start(ctx); err != nil {
			return nil, err
		}
		if err := p.fill(ctx, state.held); err != nil {
			return nil, err
		}
		if err := wait(ctx, idleSettle); err != nil {
			return nil, err
		}
		seen, err := watch(ctx, p.daemon, w.options.idleFor)
		if err != nil {
			return nil, err
		}
		out = append(out,
			figure{Title: state.title + ", wake-ups", Value: seen.wakeups, Unit: "per hour",
				Goals: []goal{{Got: seen.wakeups, Most: 60}}},
			figure{Title: state.title + ", CPU time", Value: milliseconds(seen.cpu), Unit: "ms an hour"},
			figure{Title: state.title + ", context switches of all threads", Value: seen.switches, Unit: "per hour"},
		)
	}
	p.halt()
	return out, nil
}

// idleness is what a process does in an hour.
type idleness struct {
	wakeups  float64 // moments in which any thread ran
	switches float64 // times a thread went to sleep
	cpu      time.Duration
}

// watch looks at process pid for so long. One wake-up takes several switches,
// since Go's runtime hands the work on from thread to thread.
func watch(ctx context.Context, pid int, long time.Duration) (idleness, error) {
	start := time.Now()
	first, err := switches(pid)
	if err != nil {
		return idleness{}, err
	}
	ran, err := cpuTime(pid)
	if err != nil {
		return idleness{}, err
	}
	last, moments := first, 0
	for time.Since(start) < long {
		if err := wait(ctx, idleLook); err != nil {
			return idleness{}, err
		}
		now, err := switches(pid)
		if err != nil {
			return idleness{}, err
		}
		if now != last {
			moments++
		}
		last = now
	}
	all, err := cpuTime(pid)
	if err != nil {
		return idleness{}, err
	}
	hours := time.Since(start).Hours()
	return idleness{
		wakeups: float64(moments) / hours, switches: float64(last-first) / hours,
		cpu: time.Duration(float64(all-ran) / hours),
	}, nil
}
