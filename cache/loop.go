package cache

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// loop keeps the store or the index up to date: it runs a pass after a change, and
// again, with exponential back-off, if the pass failed. While nothing changes it
// sleeps without a timer. A nil loop does nothing.
type loop struct {
	what          string                          // for the log
	pass          func(ctx context.Context) error // brings everything up to date
	gap           time.Duration                   // least time between two passes, after a success
	longest       func(error) time.Duration       // the longest back-off after such an error
	log           *slog.Logger
	alreadyLogged func(error) bool // reports whether the error was logged elsewhere; may be nil

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

// diskWait is the longest back-off for a disk: a full disk may soon have space.
const diskWait = 20 * time.Second

func newLoop(what string, gap time.Duration, longest func(error) time.Duration, log *slog.Logger, pass func(context.Context) error) *loop {
	return &loop{
		what: what, pass: pass, gap: gap, longest: longest, log: log,
		wake: make(chan struct{}, 1), retry: make(chan struct{}, 1),
	}
}

// changed reports a change.
func (l *loop) changed() {
	if l == nil {
		return
	}
	l.mu.Lock()
	l.changes++
	l.mu.Unlock()
	signal(l.wake)
}

// changedLazily reports a change that may wait for d. Every request calls it, so it
// takes no lock if such a change is pending already.
func (l *loop) changedLazily(d time.Duration) {
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

// retryNow ends a back-off or gap early, if a change is pending.
func (l *loop) retryNow() {
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

// flush runs a pass now if a change is pending, and returns the outcome.
func (l *loop) flush(ctx context.Context) error {
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
		return errClosed
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

// run runs the passes until ctx ends.
func (l *loop) run(ctx context.Context) {
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
			wait = min(wait, l.longest(err))
			if !l.sleep(ctx, time.After(wait)) {
				return
			}
			wait *= 2
		}
		gapOver = nil
		if l.gap > 0 {
			gapOver = time.After(l.gap)
		}
	}
}

// sleep waits for until or retryNow. It returns false if ctx ended.
func (l *loop) sleep(ctx context.Context, until <-chan time.Time) bool {
	select {
	case <-until:
	case <-l.retry:
	case <-ctx.Done():
		return false
	}
	return true
}

// try runs a pass if a change is pending, and returns its error.
func (l *loop) try(ctx context.Context) error {
	l.mu.Lock()
	change := l.changes
	if l.done == change {
		l.mu.Unlock()
		return nil
	}
	l.passes++
	l.stopTimerLocked()
	l.mu.Unlock()
	err := l.pass(ctx)
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
func (l *loop) stopTimerLocked() {
	l.lazy.Store(false)
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
}

func (l *loop) end() {
	l.mu.Lock()
	l.over = true
	l.stopTimerLocked()
	l.mu.Unlock()
	l.wakeWaiters(errClosed)
}

// logOutcome logs each failure once until the error changes, and then the recovery.
func (l *loop) logOutcome(err error) {
	now := ""
	if err != nil {
		if l.alreadyLogged != nil && l.alreadyLogged(err) {
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
		l.log.Warn("cache: "+l.what+" is behind; serving from memory goes on", "why", err)
	default:
		l.log.Info("cache: " + l.what + " is up to date again")
	}
}

// wakeWaiters wakes the waiters whose change is done, and if err is not nil, those
// that came before the pass that failed with it.
func (l *loop) wakeWaiters(err error) {
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

var errClosed = errors.New("the cache is closed")

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is pending
	}
}
