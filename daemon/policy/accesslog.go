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

// AccessLog records which program asked for which profile, and the outcome: one JSON
// object per line. It never delays an answer. A goroutine writes the lines in
// batches; if the disk cannot keep up, lines are dropped and counted.
type AccessLog struct {
	file  *logfile.File
	log   *slog.Logger
	wake  chan struct{}      // pending is no longer empty
	flush chan chan struct{} // requests a write; the writer closes what it gets when done
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once

	// Used by the writer only.
	broken bool            // it was logged that the file cannot be written
	buf    bytes.Buffer    // reused
	spare  []status.Access // reused as pending

	mu      sync.Mutex
	pending []status.Access
	lost    int64 // lines dropped since the last one accepted
}

const (
	// batchDelay is how long a line waits for others: a write costs as much as an
	// answer, and requests come in bursts.
	batchDelay = 10 * time.Millisecond
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

// Flush writes the pending lines, but returns after flushLimit even if the disk
// hangs.
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

// Close writes the pending lines and closes the file.
func (a *AccessLog) Close() {
	a.once.Do(func() { close(a.stop) })
	<-a.done
}

// add queues a line.
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
		default: // a wake-up is pending
		}
	}
}

func (a *AccessLog) run() {
	defer close(a.done)
	defer a.file.Close()
	for {
		var batched <-chan time.Time
		select {
		case <-a.wake:
			batched = time.After(batchDelay)
		case w := <-a.flush:
			a.write()
			close(w)
			continue
		case <-a.stop:
			a.write()
			return
		}
		select {
		case <-batched:
		case w := <-a.flush:
			a.write()
			close(w)
			continue
		case <-a.stop:
		}
		a.write()
	}
}

// write writes the pending lines.
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
	for i := range lines {
		enc.Encode(&lines[i]) // cannot fail on plain data; a pointer, because a value would be copied to the heap
	}
	_, err := a.file.Write(a.buf.Bytes())
	if err != nil && !a.broken {
		a.log.Warn("who asks is not recorded", "reason", err.Error())
	}
	a.broken = err != nil
}
