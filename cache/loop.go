package cache

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// loop keeps something outside memory up to date: it runs a pass when there was
// a change, and again, ever more rarely, when the pass went wrong. While nothing
// has changed it sleeps without a timer.
type loop struct {
	what          string                          // for the log
	pass          func(ctx context.Context) error // brings everything up to date
	gap           time.Duration                   // between two passes that went well
	last          func(error) time.Duration       // the longest wait after such an error
	log           *slog.Logger
	toldElsewhere func(error) bool // whether another has told of such trouble; nil means no

	wake chan struct{} // something changed
	urge chan struct{} // somebody cannot wait

	mu      sync.Mutex
	changes int // so far
	done    int // of them up to date
	passes  int // begun
	waiting []waiter
	sick    string      // the error last logged
	over    bool        // run has returned
	lazy    *time.Timer // set while a change that can wait does so
}

// waiter wants everything up to a change done, or tried once more.
type waiter struct {
	change int
	pass   int        // the last one begun when it came
	told   chan error // has room for one
}

// firstWait passes between a pass that went wrong and the next, then twice as
// long each time.
const firstWait = time.Second

// diskWait is the longest wait for a disk: what is full now may be free soon.
const diskWait = 20 * time.Second

func newLoop(what string, gap time.Duration, last func(error) time.Duration, log *slog.Logger, pass func(context.Context) error) *loop {
	return &loop{
		what: what, pass: pass, gap: gap, last: last, log: log,
		wake: make(chan struct{}, 1), urge: make(chan struct{}, 1),
	}
}

// changed says that there is something to do.
func (l *loop) changed() {
	l.mu.Lock()
	l.changes++
	l.mu.Unlock()
	signal(l.wake)
}

// changedLittle says that there is something to do within d, with whatever else
// there is.
func (l *loop) changedLittle(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes++
	if l.lazy == nil && !l.over {
		l.lazy = time.AfterFunc(d, func() { signal(l.wake) })
	}
}

// nudge cuts the wait for the next pass short, if there is one.
func (l *loop) nudge() {
	l.mu.Lock()
	behind := l.done != l.changes
	l.mu.Unlock()
	if behind {
		signal(l.urge)
	}
}

// flush has what is pending done now, and returns what came of it.
func (l *loop) flush(ctx context.Context) error {
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
	l.waiting = append(l.waiting, w)
	l.mu.Unlock()
	signal(l.wake)
	signal(l.urge)
	select {
	case err := <-w.told:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// run is the loop; it ends with ctx.
func (l *loop) run(ctx context.Context) {
	defer l.end()
	var rest <-chan time.Time // nil: no gap to keep
	for {
		select {
		case <-l.wake:
		case <-ctx.Done():
			return
		}
		if rest != nil && !l.sleep(ctx, rest) {
			return
		}
		wait := firstWait
		for err := l.try(ctx); err != nil; err = l.try(ctx) {
			wait = min(wait, l.last(err))
			if !l.sleep(ctx, time.After(wait)) {
				return
			}
			wait *= 2
		}
		rest = nil
		if l.gap > 0 {
			rest = time.After(l.gap)
		}
	}
}

// sleep returns false when ctx is over.
func (l *loop) sleep(ctx context.Context, until <-chan time.Time) bool {
	select {
	case <-until:
	case <-l.urge:
	case <-ctx.Done():
		return false
	}
	return true
}

// try runs a pass if there is a change, and returns what went wrong.
func (l *loop) try(ctx context.Context) error {
	l.mu.Lock()
	change := l.changes
	if l.done == change {
		l.mu.Unlock()
		return nil
	}
	l.passes++
	l.restLocked()
	l.mu.Unlock()
	err := l.pass(ctx)
	l.mu.Lock()
	if err == nil {
		l.done = change
	}
	l.mu.Unlock()
	if ctx.Err() == nil {
		l.note(err)
	}
	l.tell(err)
	return err
}

// restLocked stops the timer of what can wait. The caller must hold mu.
func (l *loop) restLocked() {
	if l.lazy != nil {
		l.lazy.Stop()
		l.lazy = nil
	}
}

func (l *loop) end() {
	l.mu.Lock()
	l.over = true
	l.restLocked()
	l.mu.Unlock()
	l.tell(errClosed)
}

// note logs each kind of trouble once, and its end.
func (l *loop) note(err error) {
	now := ""
	if err != nil {
		if l.toldElsewhere != nil && l.toldElsewhere(err) {
			return
		}
		now = err.Error()
	}
	l.mu.Lock()
	before := l.sick
	l.sick = now
	l.mu.Unlock()
	switch {
	case now == before:
	case err != nil:
		l.log.Warn("cache: "+l.what+" is behind; serving from memory goes on", "why", err)
	default:
		l.log.Info("cache: " + l.what + " is up to date again")
	}
}

// tell answers those who wait for what is done, and those who came before the
// pass that ended with err, if it is one.
func (l *loop) tell(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var still []waiter
	for _, w := range l.waiting {
		switch {
		case w.change <= l.done:
			w.told <- nil
		case err != nil && (w.pass < l.passes || l.over):
			w.told <- err
		default:
			still = append(still, w)
		}
	}
	l.waiting = still
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is on its way
	}
}
