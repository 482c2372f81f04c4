package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"understudy/internal/place"
)

// Conn is the client's end of one connection to this user's daemon.
type Conn struct {
	h   handle
	buf []byte // read but not yet returned
	by  Answerer

	wait time.Duration // replaces the timeout of the first Await; 0 if not set, see Resume
}

// Format keeps what was read out of anything printed.
func (c Conn) Format(f fmt.State, _ rune) { io.WriteString(f, "connection to the daemon") }

// ErrNotRunning is returned by Dial if no daemon listens.
var ErrNotRunning = errors.New("no daemon is running")

// ErrBusy is returned by Dial if the daemon has no free place in time.
var ErrBusy = errors.New("the daemon is too busy to answer")

// A Dialer connects to the daemon.
type Dialer struct {
	Path string
	// Answer answers what the daemon asks before it replies; nil means that the
	// user cannot be asked.
	Answer Answerer
}

// Dial connects, and checks that both the folder and the process at the other end
// belong to this user. It does not retry; it waits up to timeout for a place in a
// full queue.
func (d Dialer) Dial(timeout time.Duration) (*Conn, error) {
	if err := place.CheckDir(d.Path); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, ErrNotRunning
		}
		return nil, err
	}
	h, err := dial(d.Path, timeout)
	if err != nil {
		return nil, err
	}
	return &Conn{h: h, by: d.Answer}, nil
}

// Do sends r and returns the final reply. It gives up after timeout without an
// answer; a Wait or an Ask from the daemon sets a new timeout, and nothing else
// does.
func (c *Conn) Do(r Request, timeout time.Duration) (Reply, error) {
	// One buffer for the request and, once that is sent, for the answer: each
	// size of allocation that a process has not used yet costs it fresh pages.
	request := r.Append(make([]byte, 0, 4096))
	if err := c.h.write(request); err != nil {
		return Reply{}, during("write to", err)
	}
	if c.buf == nil {
		c.buf = request[:0]
	}
	return c.Await(timeout)
}

// Await returns the final reply to a request that is sent already, as Do does.
func (c *Conn) Await(timeout time.Duration) (Reply, error) {
	if c.wait > 0 {
		timeout, c.wait = c.wait, 0
	}
	for {
		line, err := c.readLine(timeout)
		if err != nil {
			return Reply{}, err
		}
		reply := ParseReply(line)
		switch {
		case reply.Ask != nil:
			timeout = reply.Ask.Wait
			// A daemon that has closed the connection has replied before.
			if err := c.answer(*reply.Ask, c.by); err != nil && !errors.Is(err, ErrClosed) {
				return Reply{}, err
			}
		case reply.Wait != 0:
			timeout = reply.Wait
		default:
			return reply, nil
		}
	}
}

// Errors of Do.
var (
	ErrSilent = errors.New("the daemon did not answer in time")
	ErrClosed = errors.New("the daemon closed the connection without an answer")
)

// during adds the operation to err, except to errors that need none.
func during(what string, err error) error {
	if errors.Is(err, ErrSilent) || errors.Is(err, ErrClosed) {
		return err
	}
	return fmt.Errorf("%s the daemon: %w", what, err)
}

// errTooLong names MaxLine by hand: a variable that calls fmt makes every helper
// start fmt's printer.
var errTooLong = errors.New("the daemon's answer is longer than 65536 bytes")

func (c *Conn) readLine(timeout time.Duration) ([]byte, error) {
	deadline := time.Now().Add(timeout)
	late := false
	for seen := 0; ; {
		if i := bytes.IndexByte(c.buf[seen:], '\n'); i >= 0 {
			line := c.buf[:seen+i]
			c.buf = c.buf[seen+i+1:]
			if len(line) >= MaxLine { // the last read may have brought more than it takes
				return nil, errTooLong
			}
			return line, nil
		}
		if seen = len(c.buf); seen >= MaxLine {
			return nil, errTooLong
		}
		if cap(c.buf)-len(c.buf) < 1024 {
			c.buf = append(make([]byte, 0, 4096+2*len(c.buf)), c.buf...)
		}
		left := time.Until(deadline)
		if left <= 0 && late {
			return nil, ErrSilent
		}
		late = left <= 0 // the last look
		n, err := c.h.read(c.buf[len(c.buf):cap(c.buf)], left)
		if err != nil {
			return nil, during("read from", err)
		}
		if n == 0 {
			return nil, ErrClosed
		}
		c.buf = c.buf[:len(c.buf)+n]
	}
}

// Close ends the connection.
func (c *Conn) Close() error { return c.h.close() }

// Peer is the process at the other end of a connection.
type Peer struct {
	UID int
	PID int // 0 if the platform does not report it
}
