package daemon

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"understudy/internal/credential"
	"understudy/internal/logfile"
	"understudy/internal/wire"
)

// AccessLog records who asked for what and what came of it, one JSON object a
// line. It never slows an answer down: lines are written by a goroutine of its
// own, and when the disk cannot keep up they are counted and dropped.
type AccessLog struct {
	file  *logfile.File
	log   *slog.Logger
	lines chan accessLine
	done  chan struct{}
	once  sync.Once

	parents parents

	lost   atomic.Int64 // lines dropped since the last one written
	broken bool         // said that it cannot be written
}

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
	a := &AccessLog{file: file, log: log, lines: make(chan accessLine, 1024), done: make(chan struct{})}
	go a.run()
	return a
}

// Close writes what is pending and ends the log.
func (a *AccessLog) Close() {
	a.once.Do(func() { close(a.lines) })
	<-a.done
}

func (a *AccessLog) note(at time.Time, peer wire.Peer, profile string, p *credential.Plan, err error) {
	l := accessLine{At: Stamp{at}, Profile: wire.Line(profile), PID: peer.PID, Result: "ok"}
	if p != nil {
		l.RoleARN = p.RoleARN
	}
	if err != nil {
		l.Result = credential.AsFailure(err).Code
	}
	l.ByPID, l.By = a.parents.of(peer.PID)
	select {
	case a.lines <- l:
	default:
		a.lost.Add(1)
	}
}

// lull is how long a line waits for others, since a write costs as much as
// answering a caller does: programs that ask come in bursts.
const lull = 10 * time.Millisecond

// run writes what comes in, all that came within a lull in one piece.
func (a *AccessLog) run() {
	defer close(a.done)
	defer a.file.Close()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	for l := range a.lines {
		until := time.After(lull)
		l.Lost = a.lost.Swap(0)
		enc.Encode(l) // plain data: cannot fail
		for open := true; open && buf.Len() < maxBurst; {
			select {
			case l, open = <-a.lines:
				if open {
					l.Lost = a.lost.Swap(0)
					enc.Encode(l)
				}
			case <-until:
				open = false
			}
		}
		_, err := a.file.Write(buf.Bytes())
		if err != nil && !a.broken {
			a.log.Warn("who asks is not recorded", "reason", err.Error())
		}
		a.broken = err != nil
		buf.Reset()
	}
}

// maxBurst bounds one write, in bytes.
const maxBurst = 64 << 10
