//go:build linux || darwin

package wire

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/place"
)

// handle is a blocking socket. The kernel's timeouts limit each call, and connect
// waits for a place in a full queue. Package net is not used: its connect fails if
// the queue is full, and a helper that does not link it can open no other connection.
type handle struct {
	fd      int
	timeout time.Duration // what SO_RCVTIMEO is set to
}

func dial(path string, timeout time.Duration) (handle, error) {
	fd, err := socket()
	if err != nil {
		return handle{}, os.NewSyscallError("socket", err)
	}
	h := handle{fd: fd}
	err = h.connect(path, timeout)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ECONNREFUSED), errors.Is(err, unix.ENOTSOCK), errors.Is(err, unix.ECONNRESET):
		h.close()
		return handle{}, ErrNotRunning
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR), errors.Is(err, unix.ETIMEDOUT):
		h.close()
		return handle{}, ErrBusy
	case err != nil:
		h.close()
		return handle{}, &os.PathError{Op: "connect to", Path: path, Err: err}
	}
	peer, err := PeerOf(fd)
	if err == nil && peer.UID != os.Getuid() {
		err = fmt.Errorf("the daemon at %s belongs to user %d: %w", path, peer.UID, place.ErrForeign)
	}
	if err != nil {
		h.close()
		return handle{}, err
	}
	return h, nil
}

// connect waits up to timeout for a place in a full queue. Later writes have the
// same timeout.
func (h *handle) connect(path string, timeout time.Duration) error {
	deadline := time.Now().Add(timeout)
	for left := timeout; ; left = time.Until(deadline) {
		if err := h.bound(unix.SO_SNDTIMEO, left); err != nil {
			return err
		}
		err := unix.Connect(h.fd, &unix.SockaddrUnix{Name: path})
		switch {
		case err == unix.EINTR && time.Until(deadline) > 0: // a signal, such as one of the Go scheduler
		case err == nil && left != timeout:
			return h.bound(unix.SO_SNDTIMEO, timeout)
		default:
			return err
		}
	}
}

// Resume returns a connection that internal/prelude opened: it made the checks of
// Dial and sent the request. read is what the daemon has sent since, without a
// Wait reply. wait is the time of that reply, 0 if there was none.
func (d Dialer) Resume(fd int, read []byte, wait time.Duration) (*Conn, error) {
	h := handle{fd: fd}
	if err := h.bound(unix.SO_SNDTIMEO, RetryFor); err != nil {
		h.close()
		return nil, err
	}
	return &Conn{h: h, buf: read, by: d.Answer, wait: wait}, nil
}

// bound sets the kernel's timeout for one kind of call. The kernel takes zero for
// no timeout.
func (h *handle) bound(option int, timeout time.Duration) error {
	tv := unix.NsecToTimeval(int64(max(timeout, time.Millisecond)))
	return os.NewSyscallError("setsockopt", unix.SetsockoptTimeval(h.fd, unix.SOL_SOCKET, option, &tv))
}

func (h *handle) write(b []byte) error {
	for len(b) > 0 {
		n, err := write(h.fd, b)
		switch err {
		case nil:
			b = b[n:]
		case unix.EINTR:
		case unix.EPIPE, unix.ECONNRESET:
			return ErrClosed
		case unix.EAGAIN:
			return ErrSilent
		default:
			return err
		}
	}
	return nil
}

// read returns 0 bytes and no error at the end of the stream. It looks at least once,
// also if the timeout is over: on a busy machine this process may have had no
// processor since the answer came.
func (h *handle) read(b []byte, timeout time.Duration) (int, error) {
	deadline := time.Now().Add(timeout)
	for tried := false; ; tried = true {
		left := time.Until(deadline)
		if left <= 0 && tried {
			return 0, ErrSilent
		}
		left = max(left, time.Millisecond)
		// The deadline is kept to within 50 ms: one system call fewer for an
		// answer that comes at once.
		if d := h.timeout - left; d < 0 || d > 50*time.Millisecond {
			if err := h.bound(unix.SO_RCVTIMEO, left); err != nil {
				return 0, err
			}
			h.timeout = left
		}
		n, err := unix.Read(h.fd, b)
		switch err {
		case nil:
			return n, nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, ErrSilent
		case unix.ECONNRESET:
			return 0, nil
		default:
			return 0, err
		}
	}
}

func (h *handle) close() error { return unix.Close(h.fd) }

// Fd is the socket, for a poll together with other files.
func (c *Conn) Fd() int { return c.h.fd }
