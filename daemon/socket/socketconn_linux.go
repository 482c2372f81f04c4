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
// when there is something to wait for. Under load, nearly every request has arrived
// by the time its connection is accepted, and an answer fits into the socket's
// buffer; to register each connection and its timers would take a tenth of the
// daemon's time.
type socketConn struct {
	mu              sync.Mutex // held over system calls that do not wait
	fd              int        // not blocking; -1 when closed, or file's
	file            *os.File   // nil until there was something to wait for
	readBy, writeBy time.Time  // deadlines, as long as there is no file
}

func (c *socketConn) Read(b []byte) (int, error) {
	f, n, err := c.try(b, unix.Read, &c.readBy)
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
		f, n, err := c.try(b[sent:], unix.Write, &c.writeBy)
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

// try makes one system call that does not wait. If it would have to wait, try returns
// the file to wait with.
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
	if err != nil { // the poller refused it
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
	return unix.Close(fd)
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

// LocalAddr and RemoteAddr say nothing: a client has no name.
func (c *socketConn) LocalAddr() net.Addr  { return &net.UnixAddr{Net: "unix"} }
func (c *socketConn) RemoteAddr() net.Addr { return &net.UnixAddr{Net: "unix"} }

// control runs f with the descriptor, which is not closed meanwhile.
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
