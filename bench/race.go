package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"
)

// command is a program as exec wants it. Its input and output are the null
// device, so that nothing but the process itself is measured.
type command struct {
	path string
	args []string // without the program's name
	env  []string
}

// assemble makes the racers that can be had and runs each once.
func assemble(ctx context.Context, w *world, r *report) ([]*racer, error) {
	var out []*racer
	for _, enter := range entrants(w.options) {
		a, err := enter(ctx, w)
		if absent, ok := errors.AsType[*absence](err); ok {
			r.skip(a.title, absent)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.title, err)
		}
		if !a.slow { // of those the start is noise
			a.command.path, err = w.install(a.command.path, len(out))
			if err != nil {
				return nil, err
			}
		}
		out = append(out, a)
	}
	return out, nil
}

// install copies a program, as installing it does: a file that a linker wrote
// in pieces lies worse in the page cache than its copy, and starts more slowly.
func (w *world) install(path string, n int) (string, error) {
	dir := filepath.Join(w.dir, "installed", strconv.Itoa(n))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	copied := filepath.Join(dir, filepath.Base(path))
	return copied, os.WriteFile(copied, content, 0o755)
}

// heats runs the fast ones often, then the slow ones as often as there is time
// for: half a second each would push everything else out of the caches.
func heats(ctx context.Context, racers []*racer, o options) error {
	var fast, slow []*racer
	for _, a := range racers {
		if a.slow {
			slow = append(slow, a)
		} else {
			fast = append(fast, a)
		}
	}
	if err := race(ctx, fast, o.warmup, o.rounds); err != nil {
		return err
	}
	return race(ctx, slow, min(o.warmup, 1), o.slowRounds)
}

// race runs every racer once a round. Each round starts with the next one, so
// that none always runs behind the same other.
func race(ctx context.Context, racers []*racer, warmup, rounds int) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // not in the middle of a run
	for round := range warmup + rounds {
		for i := range racers {
			if err := ctx.Err(); err != nil {
				return err
			}
			a := racers[(round+i)%len(racers)]
			took, err := a.command.time(null)
			if err != nil {
				return fmt.Errorf("%s, run %d: %w", a.title, round, err)
			}
			if round >= warmup {
				a.times = append(a.times, took)
			}
		}
	}
	return nil
}

// time runs the program once and returns how long it lived, from before the
// fork until it was reaped.
func (c command) time(null *os.File) (time.Duration, error) {
	argv := append([]string{c.path}, c.args...)
	attr := &os.ProcAttr{Env: c.env, Files: []*os.File{null, null, null}}
	start := time.Now()
	p, err := os.StartProcess(c.path, argv, attr)
	if err != nil {
		return 0, err
	}
	state, err := p.Wait()
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	if !state.Success() {
		return 0, errors.New(state.String())
	}
	return took, nil
}
