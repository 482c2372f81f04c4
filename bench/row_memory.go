package main

import (
	"context"
	"fmt"
	"time"
)

// memoryRow is what the daemon keeps resident once it holds many sessions.
func memoryRow(ctx context.Context, w *world) ([]figure, error) {
	before, err := resident(w.daemon)
	if err != nil {
		return nil, err
	}
	if err := w.fill(ctx, w.options.sessions); err != nil {
		return nil, err
	}
	if got := w.sts.Count("AssumeRole"); got < w.options.sessions {
		return nil, fmt.Errorf("%d sessions were asked for and %d fetched", w.options.sessions, got)
	}
	if err := wait(ctx, 5*time.Second); err != nil { // connections to STS go, writes settle
		return nil, err
	}
	after, err := resident(w.daemon)
	if err != nil {
		return nil, err
	}
	size := float64(after) / megabyte
	return []figure{
		{Title: "daemon resident, 1 session", Value: float64(before) / megabyte, Unit: "MB"},
		{
			Title: fmt.Sprintf("daemon resident, %d sessions", w.options.sessions), Value: size, Unit: "MB",
			Goals: []goal{{Got: size, Most: 30}},
		},
	}, nil
}

// wait lets d pass.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
