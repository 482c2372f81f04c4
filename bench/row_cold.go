package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const coldRuns = 21

// coldRow is the first command of a morning: no daemon runs, the session is in
// the keychain. The helper starts the daemon, that starts the keychain's
// worker, and STS is not asked.
func coldRow(ctx context.Context, w *world) ([]figure, error) {
	p, err := w.kept(ctx, "cold", 1, false)
	if err != nil {
		return nil, err
	}
	before := w.sts.Count("AssumeRole")
	helper := command{path: w.helper, args: []string{warmProfile}, env: p.env()}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	var took samples
	for range coldRuns {
		p.halt()
		one, err := helper.time(null)
		if err != nil {
			return nil, err
		}
		took = append(took, one)
	}
	p.halt()
	if calls := w.sts.Count("AssumeRole") - before; calls != 0 {
		return nil, fmt.Errorf("STS was called %d times for what the keychain has", calls)
	}
	median := milliseconds(took.percentile(50))
	return []figure{{
		Title: "first answer without a daemon, session in the keychain", Value: median, Unit: "ms", Note: "gnome-keyring",
		Spread: took.spread(), Goals: []goal{{Got: median, Most: 60}},
	}}, nil
}

// kept makes a place whose keychain has the sessions of n profiles and whose
// daemon has gone. Many want a keychain that is in memory: what one in a file
// takes to be given them grows with their square.
func (w *world) kept(ctx context.Context, name string, n int, inMemory bool) (*place, error) {
	keyring, err := w.keyring(inMemory)
	if err != nil {
		return nil, err
	}
	p, err := w.newPlace(name, w.url, n, keyring...)
	if err != nil {
		return nil, err
	}
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	if err := p.fill(ctx, n); err != nil {
		return nil, err
	}
	defer p.halt()
	return p, p.stored(ctx, n)
}

// stored waits until the index on disk says of n sessions that the keychain has
// them.
func (p *place) stored(ctx context.Context, n int) error {
	index := filepath.Join(p.bed.Home, ".local", "state", "understudy", "sessions.json")
	had, since := 0, time.Now()
	for {
		b, err := os.ReadFile(index)
		have := strings.Count(string(b), `"stored":true`) + strings.Count(string(b), `"stored": true`)
		switch {
		case have >= n:
			return nil
		case have > had:
			had, since = have, time.Now()
		case time.Since(since) > time.Minute:
			return fmt.Errorf("the keychain has %d of %d sessions, and for a minute no more (%v)", have, n, err)
		}
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}
