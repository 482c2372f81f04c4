package keychain

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync/atomic"
	"time"

	"understudy/internal/process"
)

// errWorker is a worker that ended, or spoke nonsense, in the middle of a call.
var errWorker = errors.New("the keychain worker ended unexpectedly")

// worker is one child process. Only who has the turn talks to it; kill may be
// called by anyone.
type worker struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner
}

// ready returns the running worker, or a new one. The caller has the turn.
func (k *Keychain) ready() (*worker, error) {
	k.mu.Lock()
	w, closed := k.worker, k.closed
	k.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	if w != nil {
		return w, nil
	}
	w, err := spawn(k.config)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errWorker, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.worker = w
	if k.closed {
		w.kill() // Close looked for it before it was there
	}
	return w, nil
}

// spawn starts a worker. Its standard error goes nowhere: what a crashing
// library prints is not for a log.
func spawn(c Config) (*worker, error) {
	if len(c.Command) == 0 {
		return nil, errors.New("no command")
	}
	cmd := exec.Command(c.Command[0], c.Command[1:]...)
	cmd.Env = c.Env
	process.Detach(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, maxLine)
	return &worker{cmd: cmd, stdin: stdin, lines: lines}, nil
}

// exchange is one request and its answer. A worker that has none after limit
// is killed and the error is ErrTimeout; any other error is an errWorker.
func (w *worker) exchange(r request, limit time.Duration) (answer, error) {
	var late atomic.Bool
	end := time.AfterFunc(limit, func() {
		late.Store(true)
		w.kill()
	})
	defer end.Stop()
	a, err := w.roundTrip(r)
	switch {
	case late.Load():
		return answer{}, ErrTimeout
	case err != nil:
		return answer{}, errWorker // the inner text adds nothing, and could leak
	}
	return a, nil
}

func (w *worker) roundTrip(r request) (a answer, err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return a, err
	}
	if _, err := w.stdin.Write(append(line, '\n')); err != nil {
		return a, err
	}
	if !w.lines.Scan() {
		return a, errors.Join(io.ErrUnexpectedEOF, w.lines.Err())
	}
	return a, json.Unmarshal(w.lines.Bytes(), &a)
}

// kill kills the worker and its children; on Windows it has none.
func (w *worker) kill() { _ = process.KillGroup(w.cmd.Process) } // an error means that it has ended already

// drop lets go of the worker and waits for its end: a moment for it to leave
// by itself, then it is killed. The caller has the turn, or is the last.
func (k *Keychain) drop() {
	k.mu.Lock()
	w := k.worker
	k.worker = nil
	k.mu.Unlock()
	if w == nil {
		return
	}
	w.stdin.Close()
	end := time.AfterFunc(time.Second, w.kill)
	defer end.Stop()
	_ = w.cmd.Wait() // how it ended changes nothing
}

// idleLocked has the worker ended when nobody uses it for IdleExit from now.
// The caller must hold mu.
func (k *Keychain) idleLocked() {
	if k.idle == nil {
		k.idle = time.AfterFunc(k.config.IdleExit, k.rest)
		return
	}
	k.idle.Reset(k.config.IdleExit)
}

// rest ends an unused worker. One in use is left to its user, who sets the
// timer again when the call is over.
func (k *Keychain) rest() {
	k.start(func() {
		select {
		case k.turn <- struct{}{}:
			k.drop()
			<-k.turn
		default:
		}
	})
}
