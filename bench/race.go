package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
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

// pace is how often each racer runs in a heat.
type pace struct {
	warmup int // rounds that are dropped, without the slow racers
	rounds int
	slow   int // of the rounds, those in which the slow racers run too
}

// due reports whether the slow racers run in a round. They are spread over the
// heat, so that other load on the machine affects all racers alike.
func (p pace) due(round int) bool {
	return round >= 0 && round*p.slow/p.rounds != (round+1)*p.slow/p.rounds
}

// slowTime limits the time of the slow racers in a heat. On a busy machine
// they run in fewer rounds, but at least in one.
const slowTime = 40 * time.Second

// race runs one heat: every racer once a round, in turn. Each round starts with
// the next racer.
func race(ctx context.Context, racers []*racer, heat int, p pace) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // not in the middle of a run
	var spent time.Duration                          // on the slow ones
	for round := -p.warmup; round < p.rounds; round++ {
		due := p.due(round) && spent < slowTime
		for i := range racers {
			if err := ctx.Err(); err != nil {
				return err
			}
			a := racers[(round+p.warmup+i)%len(racers)]
			if a.slow && !due {
				continue
			}
			took, err := a.command.time(null)
			if err != nil {
				return fmt.Errorf("%s, round %d: %w", a.title, round, err)
			}
			if a.slow {
				spent += took
			}
			if round >= 0 {
				a.times[heat] = append(a.times[heat], took)
			}
		}
	}
	return nil
}

// patience limits a program that waits for a user who is not there.
const patience = 20 * time.Second

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
	limit := time.AfterFunc(patience, func() { p.Kill() })
	state, err := p.Wait()
	took := time.Since(start)
	limit.Stop()
	if err != nil {
		return 0, err
	}
	if !state.Success() {
		return 0, errors.New(state.String())
	}
	return took, nil
}

// run runs the program once outside of the race and returns its output. Its
// error is one line.
func (c command) run(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Env = c.env
	cmd.WaitDelay = time.Second
	var printed bytes.Buffer
	cmd.Stderr = &printed
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("it took more than %v", patience)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it left a daemon that has its output open
	}
	// The last line has the reason; the first may be a usage text.
	lines := strings.Split(strings.TrimSpace(printed.String()), "\n")
	if last := lines[len(lines)-1]; err != nil && last != "" {
		return nil, fmt.Errorf("%w: %s", err, last)
	}
	return out, err
}
