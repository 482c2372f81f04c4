package daemon

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/logfile"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// AccessLog records who asked for what and what came of it, one JSON object a
// line. It never slows an answer down: lines are written by a goroutine of its
// own, all that came within a lull in one piece, and when the disk cannot keep
// up they are counted and dropped.
type AccessLog struct {
	file  *logfile.File
	log   *slog.Logger
	wake  chan struct{}      // pending is not empty any more
	hurry chan chan struct{} // somebody wants it written; closed when it is
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once

	parents parents

	// The writer's own, kept for the next burst.
	broken bool // said that it cannot be written
	buf    bytes.Buffer
	spare  []accessLine

	mu      sync.Mutex
	pending []accessLine
	lost    int64 // lines dropped since the last one taken
}

const (
	// lull is how long a line waits for others: a write costs as much as
	// answering a caller does, and programs that ask come in bursts.
	lull       = 10 * time.Millisecond
	maxPending = 1024
)

type accessLine struct {
	At      Stamp     `json:"at"`
	Profile string    `json:"profile"`
	RoleARN string    `json:"role_arn,omitempty"`
	PID     int       `json:"pid,omitempty"` // of the helper
	By      string    `json:"by,omitempty"`  // the program that ran the helper
	ByPID   int       `json:"by_pid,omitempty"`
	Result  wire.Code `json:"result"`         // "ok" or the code of the refusal
	Lost    int64     `json:"lost,omitempty"` // lines left out before this one
}

// OpenAccessLog returns a log that writes to file, which it closes.
func OpenAccessLog(file *logfile.File, log *slog.Logger) *AccessLog {
	a := &AccessLog{file: file, log: log, wake: make(chan struct{}, 1), hurry: make(chan chan struct{}), stop: make(chan struct{}), done: make(chan struct{})}
	go a.run()
	return a
}

// hurryLimit is how long somebody waits for what was asked just now to be
// written.
const hurryLimit = 200 * time.Millisecond

// Flush writes what is pending, unless the disk takes longer than a person
// notices.
func (a *AccessLog) Flush() {
	late := time.NewTimer(hurryLimit)
	defer late.Stop()
	written := make(chan struct{})
	select {
	case a.hurry <- written:
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

func (a *AccessLog) note(at time.Time, peer wire.Peer, profile string, p *credential.Plan, err error) {
	l := accessLine{At: Stamp{at}, Profile: text.Line(profile), PID: peer.PID, Result: "ok"}
	if p != nil {
		l.RoleARN = p.RoleARN
	}
	if err != nil {
		l.Result = credential.AsFailure(err).Code
	}
	l.ByPID, l.By = a.parents.of(peer.PID)
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
		case w := <-a.hurry:
			a.write()
			close(w)
			continue
		case <-a.stop:
			a.write()
			return
		}
		select {
		case <-lulled:
		case w := <-a.hurry:
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
