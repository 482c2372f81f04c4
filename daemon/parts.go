package daemon

import (
	"log/slog"
	"time"
)

// A stopping daemon ends within leaveLimit and logLimit of its last answer, even if a
// disk or the keychain hangs: the program that waits for it is about to kill it, or
// to start the next.
const (
	leaveLimit = 1500 * time.Millisecond
	keepLimit  = 1200 * time.Millisecond // of leaveLimit, to write pending sessions and the index; Keychain.Close takes 200 ms
	logLimit   = 100 * time.Millisecond  // after leaveLimit, to log that it was not enough
)

// parts collects what must be closed when the daemon stops.
type parts struct {
	log     *slog.Logger
	closers []func()
}

func (p *parts) add(closer func()) { p.closers = append(p.closers, closer) }

// close calls the closers, the last added first. Those that are not done after
// leaveLimit end with the process.
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
