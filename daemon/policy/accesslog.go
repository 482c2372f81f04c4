package policy

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"understudy/internal/logfile"
	"understudy/internal/status"
)

// AccessLog records who asked for what, and the outcome: one JSON object per line.
// It never delays an answer. A goroutine writes the lines, all that came within a
// lull at once; if the disk cannot keep up, lines are counted and dropped.
type AccessLog struct {
	file  *logfile.File
	log   *slog.Logger
	wake  chan struct{}      // pending is no longer empty
	flush chan chan struct{} // has pending written; closed when it is
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once

	// Used by the writer only, and kept for the next burst.
	broken bool // the log has said that the file cannot be written
	buf    bytes.Buffer
	spare  []status.Access

	mu      sync.Mutex
	pending []status.Access
	lost    int64 // lines dropped since the last one taken
}

const (
	// lull is how long a line waits for others: a write costs as much as an answer,
	// and requests come in bursts.
	lull       = 10 * time.Millisecond
	maxPending = 1024
)

// OpenAccessLog returns a log that writes to file, which it closes.
func OpenAccessLog(file *logfile.File, log *slog.Logger) *AccessLog {
	a := &AccessLog{file: file, log: log, wake: make(chan struct{}, 1), flush: make(chan chan struct{}), stop: make(chan struct{}), done: make(chan struct{})}
	go a.run()
	return a
}

// flushLimit is how long Flush waits.
const flushLimit = 200 * time.Millisecond

// Flush writes what is pending, unless the disk takes longer than a user
// notices.
func (a *AccessLog) Flush() {
	late := time.NewTimer(flushLimit)
	defer late.Stop()
	written := make(chan struct{})
	select {
	case a.flush <- written:
	case <-a.done:
		return
	case <-late.C:
		return
	}
	select {
	case <-written:
	case <-late.C:
	}
}

// Close writes what is pending and ends the log.
func (a *AccessLog) Close() {
	a.once.Do(func() { close(a.stop) })
	<-a.done
}

// add has a line written.
func (a *AccessLog) add(l status.Access) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.pending) == maxPending {
		a.lost++
		return
	}
	l.Lost, a.lost = a.lost, 0
	a.pending = append(a.pending, l)
	if len(a.pending) == 1 {
		select {
		case a.wake <- struct{}{}:
		default: // it is on its way
		}
	}
}

func (a *AccessLog) run() {
	defer close(a.done)
	defer a.file.Close()
	for {
		var lulled <-chan time.Time
		select {
		case <-a.wake:
			lulled = time.After(lull)
		case w := <-a.flush:
			a.write()
			close(w)
			continue
		case <-a.stop:
			a.write()
			return
		}
		select {
		case <-lulled:
		case w := <-a.flush:
			a.write()
			close(w)
			continue
		case <-a.stop:
		}
		a.write()
	}
}

// write writes all that is pending.
func (a *AccessLog) write() {
	a.mu.Lock()
	lines := a.pending
	a.pending = a.spare[:0]
	a.mu.Unlock()
	a.spare = lines
	if len(lines) == 0 {
		return
	}
	a.buf.Reset()
	enc := json.NewEncoder(&a.buf)
	for _, l := range lines {
		enc.Encode(l) // plain data: cannot fail
	}
	_, err := a.file.Write(a.buf.Bytes())
	if err != nil && !a.broken {
		a.log.Warn("who asks is not recorded", "reason", err.Error())
	}
	a.broken = err != nil
}
