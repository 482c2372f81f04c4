package daemon

import (
	"encoding/json"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// AccessLog records who asked for what and what came of it, one JSON object a
// line. It never slows an answer down: lines are written by a goroutine of its
// own, and when the disk cannot keep up they are counted and dropped.
type AccessLog struct {
	path  string
	log   *slog.Logger
	lines chan accessLine
	done  chan struct{}
	once  sync.Once

	lost   atomic.Int64 // lines dropped since the last one written
	broken bool         // said that it cannot be written
}

// maxAccessLog is where the file is renamed to access.log.1 and begun anew.
const maxAccessLog = 4 << 20

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

// OpenAccessLog returns a log that appends to the file at path.
func OpenAccessLog(path string, log *slog.Logger) *AccessLog {
	a := &AccessLog{path: path, log: log, lines: make(chan accessLine, 1024), done: make(chan struct{})}
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
	// The helper is about to go, and with it the way to its parent.
	l.ByPID, l.By = parentOf(peer.PID)
	select {
	case a.lines <- l:
	default:
		a.lost.Add(1)
	}
}

func (a *AccessLog) run() {
	defer close(a.done)
	var f *os.File
	for l := range a.lines {
		l.Lost = a.lost.Swap(0)
		b, err := json.Marshal(l)
		if err != nil {
			continue
		}
		if f, err = a.open(f); err == nil {
			_, err = f.Write(append(b, '\n'))
		}
		if err != nil && !a.broken {
			a.log.Warn("who asks is not recorded", "reason", err.Error())
		}
		a.broken = err != nil
	}
	if f != nil {
		f.Close()
	}
}

// open returns the file to write to: f, unless it is none, too long or gone.
func (a *AccessLog) open(f *os.File) (*os.File, error) {
	if f != nil {
		here, err1 := f.Stat()
		there, err2 := os.Lstat(a.path)
		if err1 == nil && err2 == nil && os.SameFile(here, there) && here.Size() < maxAccessLog {
			return f, nil
		}
		f.Close()
		if err1 == nil && here.Size() >= maxAccessLog {
			os.Rename(a.path, a.path+".1")
		}
	}
	return os.OpenFile(a.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|noFollow, 0o600)
}
