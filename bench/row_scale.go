package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// flatTurns is how often each daemon takes its turn in a heat.
const flatTurns = 7

// scaleRow is what many sessions cost: memory, and time per request. Daemons
// that hold one, many and very many run at the same time and take turns.
func scaleRow(ctx context.Context, w *world) ([]figure, error) {
	sizes := []int{1, w.options.sessions, w.options.many}
	var out []figure
	var targets []target
	for i, n := range sizes {
		p, err := w.newPlace(fmt.Sprintf("scale%d", n), w.url, n)
		if err != nil {
			return nil, err
		}
		before := w.sts.Count("AssumeRole")
		if err := p.start(ctx); err != nil {
			return nil, err
		}
		defer p.halt()
		if err := p.fill(ctx, n); err != nil {
			return nil, err
		}
		if got := w.sts.Count("AssumeRole") - before; got != n {
			return nil, fmt.Errorf("%d sessions were asked for and %d fetched", n, got)
		}
		if err := wait(ctx, w.options.settle); err != nil { // connections to STS go, writes settle
			return nil, err
		}
		bytes, err := resident(p.daemon)
		if err != nil {
			return nil, err
		}
		value := float64(bytes) / megabyte
		most := [...]float64{15, 30, 60}[i]
		out = append(out, figure{Title: "daemon resident, " + sessions(n), Value: value, Unit: "MB", Goals: []goal{{Got: value, Most: most}}})
		targets = append(targets, daemonAt(p, n))
	}
	flat, err := flatness(ctx, targets, sizes, w.options.pound)
	return append(out, flat...), err
}

// flatness measures the daemons in turn with one client. It returns the time of a
// request to each, and its ratio to the first daemon's: in each heat the median
// of the ratios of consecutive turns, which other programs disturb alike.
func flatness(ctx context.Context, targets []target, sizes []int, d time.Duration) ([]figure, error) {
	took := make([]samples, len(targets))
	medians := make([][]float64, len(targets))
	for turn := range heats * flatTurns {
		for i := range targets {
			i = (turn + i) % len(targets)
			some, err := targets[i].pound(ctx, 1, d/4)
			if err != nil {
				return nil, err
			}
			targets[i].from += len(some) // in the end each session was asked for, and not the first ones again and again
			took[i] = append(took[i], some...)
			medians[i] = append(medians[i], milliseconds(some.percentile(50)))
		}
	}
	var out []figure
	for i, n := range sizes {
		f := figure{Title: "a request, " + sessions(n), Unit: "ms", Value: middle(medians[i]), Spread: took[i].tail()}
		if i > 0 {
			f.Goals = []goal{goal{Of: out[0].Title, Most: 1.1}.best(shares(medians[i], medians[0]))}
		}
		out = append(out, f)
	}
	return out, nil
}

// shares returns, for each heat, the median of the ratios of two servers'
// consecutive turns.
func shares(ours, theirs []float64) []float64 {
	of := make([]float64, len(ours))
	for i := range of {
		of[i] = ours[i] / theirs[i]
	}
	out := make([]float64, 0, heats)
	for heat := range slices.Chunk(of, len(of)/heats) {
		out = append(out, middle(heat))
	}
	return out
}

func sessions(n int) string {
	if n == 1 {
		return "1 session"
	}
	return fmt.Sprintf("%d sessions", n)
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
