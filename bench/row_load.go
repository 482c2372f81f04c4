package main

import (
	"context"
	"fmt"
	"time"
)

// loadRow is of the sessions that a daemon is measured with, and loadManyRow of
// many more, in a keychain that takes so many.
func loadRow(ctx context.Context, w *world) ([]figure, error) {
	return load(ctx, w, w.options.sessions, false)
}

func loadManyRow(ctx context.Context, w *world) ([]figure, error) {
	return load(ctx, w, w.options.load, true)
}

// load is how long a new daemon takes to have all sessions of the one before
// out of the keychain. It reads each when it is first asked for, so all are
// asked for, by four clients.
func load(ctx context.Context, w *world, n int, inMemory bool) ([]figure, error) {
	name, keychain := "load", "gnome-keyring"
	if inMemory {
		name, keychain = "loadmany", "gnome-keyring without a file"
	}
	p, err := w.kept(ctx, name, n, inMemory)
	if err != nil {
		return nil, err
	}
	before := w.sts.Count("AssumeRole")
	began := time.Now()
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	defer p.halt()
	ready := time.Since(began)
	if err := p.fill(ctx, n); err != nil {
		return nil, err
	}
	all := time.Since(began)
	if calls := w.sts.Count("AssumeRole") - before; calls != 0 {
		return nil, fmt.Errorf("STS was called %d times for what the keychain has", calls)
	}
	return []figure{
		{Title: fmt.Sprintf("daemon ready, %s in its index", sessions(n)), Value: milliseconds(ready), Unit: "ms"},
		{Title: sessions(n) + " read from the keychain", Value: milliseconds(all), Unit: "ms",
			Note: fmt.Sprintf("%s; %.1f ms each", keychain, milliseconds(all)/float64(n))},
	}, nil
}
