package socket

import (
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// socketConn is a connected socket that is registered with the runtime's poller only
// when a call must wait. Under load, nearly every request has arrived when its
// connection is accepted, and an answer fits into the socket's buffer. Registering
// each connection and its timers would take a tenth of the daemon's CPU time.
type socketConn struct {
	mu              sync.Mutex // held during system calls, which do not block
	fd              int        // non-blocking; -1 if closed, or if file has it
	file            *os.File   // nil until a call had to wait
	readBy, writeBy time.Time  // deadlines; file has its own
}

func (c *socketConn) Read(b []byte) (int, error) {
	f, n, err := c.try(b, instantRead, &c.readBy)
	if f != nil {
		return f.Read(b)
	}
	if err == nil && n == 0 && len(b) > 0 {
		err = io.EOF
	}
	return n, err
}

func (c *socketConn) Write(b []byte) (int, error) {
	for sent := 0; ; {
		f, n, err := c.try(b[sent:], instantWrite, &c.writeBy)
		if f != nil {
			n, err = f.Write(b[sent:])
			return sent + n, err
		}
		sent += n
		if err != nil || sent == len(b) {
			return sent, err
		}
	}
}

// try makes one system call that does not block. If the call would block, try returns
// the file, whose methods wait.
func (c *socketConn) try(b []byte, call func(int, []byte) (int, error), by *time.Time) (*os.File, int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.file != nil:
		return c.file, 0, nil
	case c.fd < 0:
		return nil, 0, net.ErrClosed
	case !by.IsZero() && !time.Now().Before(*by):
		return nil, 0, os.ErrDeadlineExceeded
	}
	for {
		n, err := call(c.fd, b)
		switch err {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			err = c.pollLocked()
			return c.file, 0, err
		}
		return nil, max(n, 0), err
	}
}

// pollLocked registers the socket and its deadlines with the poller. The caller holds
// c.mu.
func (c *socketConn) pollLocked() error {
	f := os.NewFile(uintptr(c.fd), "connection")
	c.fd = -1
	err := f.SetReadDeadline(c.readBy)
	if err == nil && !c.writeBy.IsZero() {
		err = f.SetWriteDeadline(c.writeBy)
	}
	if err != nil { // it could not be registered
		f.Close()
		return err
	}
	c.file = f
	return nil
}

func (c *socketConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.file != nil:
		return c.file.Close()
	case c.fd < 0:
		return net.ErrClosed
	}
	fd := c.fd
	c.fd = -1
	return instantClose(fd)
}

func (c *socketConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.readBy = t; c.file != nil {
		return c.file.SetReadDeadline(t)
	}
	return nil
}

func (c *socketConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writeBy = t; c.file != nil {
		return c.file.SetWriteDeadline(t)
	}
	return nil
}

func (c *socketConn) SetDeadline(t time.Time) error {
	err := c.SetReadDeadline(t)
	if werr := c.SetWriteDeadline(t); err == nil {
		err = werr
	}
	return err
}

// LocalAddr and RemoteAddr return no name: a client's socket has none.
func (c *socketConn) LocalAddr() net.Addr  { return &net.UnixAddr{Net: "unix"} }
func (c *socketConn) RemoteAddr() net.Addr { return &net.UnixAddr{Net: "unix"} }

// control calls f with the descriptor, which stays open meanwhile.
func (c *socketConn) control(f func(fd uintptr)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.file != nil:
		raw, err := c.file.SyscallConn()
		if err != nil {
			return err
		}
		return raw.Control(f)
	case c.fd < 0:
		return net.ErrClosed
	}
	f(uintptr(c.fd))
	return nil
}
