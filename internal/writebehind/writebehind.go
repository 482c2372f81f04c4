// Package writebehind writes changes in the background, so that no request waits for a
// disk or a keychain.
package writebehind

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Config says what a Loop does.
type Config struct {
	Name    string                          // of what is written, for the log
	Pass    func(ctx context.Context) error // brings everything up to date
	Gap     time.Duration                   // least time between two passes, after a success
	Longest func(error) time.Duration       // the longest back-off after such an error; nil means a minute
	Log     *slog.Logger
	Logged  func(error) bool // reports whether the error was logged elsewhere; may be nil
}

// Loop runs a pass after a change, and again, with exponential back-off, if the pass
// failed. While nothing changes it sleeps without a timer. On a nil Loop,
// Changed, RetryNow and Flush do nothing.
type Loop struct {
	cfg Config

	wake  chan struct{} // something changed
	retry chan struct{} // ends a back-off or gap early

	lazy atomic.Bool // a lazy change is pending, and timer runs

	mu      sync.Mutex
	changes int // number of changes
	done    int // number of changes that a pass has covered
	passes  int // number of passes started
	waiters []waiter
	failing string      // the error logged last; empty after a success
	over    bool        // run has returned
	timer   *time.Timer // of a lazy change; else nil
}

// waiter waits until all changes up to change are done, or until a pass that started
// later has failed.
type waiter struct {
	change  int
	pass    int        // the number of passes started before
	outcome chan error // buffered
}

// firstWait is the back-off after the first failed pass. It doubles each time.
const firstWait = time.Second

// New returns a Loop. The caller calls Run in a goroutine.
func New(cfg Config) *Loop {
	if cfg.Longest == nil {
		cfg.Longest = func(error) time.Duration { return time.Minute }
	}
	return &Loop{cfg: cfg, wake: make(chan struct{}, 1), retry: make(chan struct{}, 1)}
}

// Changed reports a change.
func (l *Loop) Changed() {
	if l == nil {
		return
	}
	l.mu.Lock()
	l.changes++
	l.mu.Unlock()
	signal(l.wake)
}

// ChangedLazily reports a change that may wait for d. Every request calls it, so it
// takes no lock if such a change is pending already.
func (l *Loop) ChangedLazily(d time.Duration) {
	if l.lazy.Load() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.timer != nil {
		return
	}
	l.changes++
	l.timer = time.AfterFunc(d, func() { signal(l.wake) })
	l.lazy.Store(true)
}

// RetryNow ends a back-off or gap early, if a change is pending.
func (l *Loop) RetryNow() {
	if l == nil {
		return
	}
	l.mu.Lock()
	behind := l.done != l.changes
	l.mu.Unlock()
	if behind {
		signal(l.retry)
	}
}

// Flush runs a pass now if a change is pending, and returns the outcome.
func (l *Loop) Flush(ctx context.Context) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	if l.done == l.changes {
		l.mu.Unlock()
		return nil
	}
	if l.over {
		l.mu.Unlock()
		return ErrEnded
	}
	w := waiter{l.changes, l.passes, make(chan error, 1)}
	l.waiters = append(l.waiters, w)
	l.mu.Unlock()
	signal(l.wake)
	signal(l.retry)
	select {
	case err := <-w.outcome:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Run runs the passes until ctx ends.
func (l *Loop) Run(ctx context.Context) {
	defer l.end()
	var gapOver <-chan time.Time // nil if there is no gap
	for {
		select {
		case <-l.wake:
		case <-ctx.Done():
			return
		}
		if gapOver != nil && !l.sleep(ctx, gapOver) {
			return
		}
		wait := firstWait
		for err := l.try(ctx); err != nil; err = l.try(ctx) {
			wait = min(wait, l.cfg.Longest(err))
			if !l.sleep(ctx, time.After(wait)) {
				return
			}
			wait *= 2
		}
		gapOver = nil
		if l.cfg.Gap > 0 {
			gapOver = time.After(l.cfg.Gap)
		}
	}
}

// sleep waits for until or RetryNow. It returns false if ctx ended.
func (l *Loop) sleep(ctx context.Context, until <-chan time.Time) bool {
	select {
	case <-until:
	case <-l.retry:
	case <-ctx.Done():
		return false
	}
	return true
}

// try runs a pass if a change is pending, and returns its error.
func (l *Loop) try(ctx context.Context) error {
	l.mu.Lock()
	change := l.changes
	if l.done == change {
		l.mu.Unlock()
		return nil
	}
	l.passes++
	l.stopTimerLocked()
	l.mu.Unlock()
	err := l.cfg.Pass(ctx)
	l.mu.Lock()
	if err == nil {
		l.done = change
	}
	l.mu.Unlock()
	if ctx.Err() == nil {
		l.logOutcome(err)
	}
	l.wakeWaiters(err)
	return err
}

// stopTimerLocked ends the delay of a lazy change. The caller holds mu.
func (l *Loop) stopTimerLocked() {
	l.lazy.Store(false)
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
}

func (l *Loop) end() {
	l.mu.Lock()
	l.over = true
	l.stopTimerLocked()
	l.mu.Unlock()
	l.wakeWaiters(ErrEnded)
}

// logOutcome logs each failure once until the error changes, and then the recovery.
func (l *Loop) logOutcome(err error) {
	now := ""
	if err != nil {
		if l.cfg.Logged != nil && l.cfg.Logged(err) {
			return
		}
		now = err.Error()
	}
	l.mu.Lock()
	before := l.failing
	l.failing = now
	l.mu.Unlock()
	switch {
	case now == before:
	case err != nil:
		l.cfg.Log.Warn(l.cfg.Name+" is behind; serving from memory goes on", "why", err)
	default:
		l.cfg.Log.Info(l.cfg.Name + " is up to date again")
	}
}

// wakeWaiters wakes the waiters whose change is done, and if err is not nil, those
// that came before the pass that failed with it.
func (l *Loop) wakeWaiters(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var still []waiter
	for _, w := range l.waiters {
		switch {
		case w.change <= l.done:
			w.outcome <- nil
		case err != nil && (w.pass < l.passes || l.over):
			w.outcome <- err
		default:
			still = append(still, w)
		}
	}
	l.waiters = still
}

// ErrEnded is the error of Flush after Run has returned.
var ErrEnded = errors.New("the background writer has ended")

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is pending
	}
}
