package daemon

import (
	"log/slog"
	"time"
)

// A stopping daemon ends 1.5 s after its last answer, whatever a disk or a keychain
// does: whoever waits for it is about to kill it, or to start the next.
const (
	leaveLimit  = 1500 * time.Millisecond
	keepLimit   = 1200 * time.Millisecond // of that, to write what is pending
	workerLimit = 200 * time.Millisecond  // for the keychain's worker to end
	logLimit    = 100 * time.Millisecond  // more, to log that this was not enough
)

// parts are what a daemon is made of, for taking it apart.
type parts struct {
	log     *slog.Logger
	closers []func()
}

func (p *parts) add(closer func()) { p.closers = append(p.closers, closer) }

// close takes the parts apart, the last added first. What is not done after
// leaveLimit ends with the process.
func (p *parts) close() {
	if within(leaveLimit, func() {
		for i := len(p.closers) - 1; i >= 0; i-- {
			p.closers[i]()
		}
	}) {
		return
	}
	within(logLimit, func() { // the disk that hangs may be the one with the log
		p.log.Warn("a disk or the keychain does not let go; leaving without the rest", "after", leaveLimit)
	})
}

// within runs f and reports whether it ended in time.
func within(limit time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() { // ends with f, or with the process
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}
