package testbed

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Command is a program as the world's user starts it.
func (w *World) Command(ctx context.Context, argv ...string) *exec.Cmd {
	argv = append(slices.Clone(w.Before), argv...)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = w.Env(), w.Dir
	cmd.WaitDelay = time.Second
	if w.Change != nil {
		w.Change(cmd)
	}
	return cmd
}

// Begin starts a program, after change, if not nil, was applied to its command.
// The function that it returns waits for the end. Begin may be called from any
// goroutine.
func (w *World) Begin(change func(*exec.Cmd), argv ...string) (wait func() Outcome) {
	ctx, cancel := context.WithTimeout(context.Background(), w.Limit)
	cmd := w.Command(ctx, argv...)
	if change != nil {
		change(cmd)
	}
	var end func() Outcome
	w.inside(func() { end = Start(cmd) })
	return func() Outcome {
		defer cancel()
		o := end()
		o.Name = strings.Join(append([]string{filepath.Base(argv[0])}, argv[1:]...), " ")
		return o
	}
}

// Run runs a program and waits for it.
func (w *World) Run(argv ...string) Outcome { return w.Begin(nil, argv...)() }

// Helper runs what an SDK runs, Understudy the command that users run.
func (w *World) Helper(profile string) Outcome {
	return w.Run(w.Path("understudy-credentials"), profile)
}

func (w *World) Understudy(args ...string) Outcome {
	return w.Run(append([]string{w.Path("understudy")}, args...)...)
}

func (w *World) inside(f func()) {
	if w.Inside == nil {
		f()
		return
	}
	w.Inside(f)
}

// Crowd runs f n times concurrently; all calls start together.
func Crowd[R any](n int, f func(i int) R) []R {
	results := make([]R, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			<-start
			results[i] = f(i)
		})
	}
	close(start)
	all.Wait()
	return results
}

// Within waits until something is true, and reports whether it became so in time.
func Within(limit time.Duration, yes func() bool) bool {
	for deadline := time.Now().Add(limit); !yes(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
