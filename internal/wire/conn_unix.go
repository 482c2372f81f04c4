//go:build linux || darwin

package wire

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// handle is a blocking socket. The kernel's own timeouts bound every call, so
// that neither the runtime's poller nor a second thread is needed: starting
// those is most of what a short-lived Go program costs.
type handle struct {
	fd      int
	alone   bool          // see Dialer.Alone
	timeout time.Duration // what SO_RCVTIMEO is set to
}

func dial(path string, timeout time.Duration, alone bool) (handle, error) {
	fd, err := socket()
	if err != nil {
		return handle{}, os.NewSyscallError("socket", err)
	}
	h := handle{fd: fd, alone: alone}
	if err := h.bound(unix.SO_SNDTIMEO, timeout); err != nil {
		h.close()
		return handle{}, err
	}
	if err = connect(fd, path, alone); err == unix.EINTR {
		// The scheduler wants its turn after 10 ms; the queue is full.
		h.alone = false
		err = connect(fd, path, false)
	}
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
		err = fmt.Errorf("the daemon at %s belongs to user %d: %w", path, peer.UID, ErrForeign)
	}
	if err != nil {
		h.close()
		return handle{}, err
	}
	return h, nil
}

// Resume returns the connection of a process that dialled before it could use this
// package, made the checks of Dial itself, and sent its request. read is what came
// back so far, less a Wait of told, 0 for none.
func (d Dialer) Resume(fd int, read []byte, told time.Duration) (*Conn, error) {
	h := handle{fd: fd, alone: d.Alone}
	if err := h.bound(unix.SO_SNDTIMEO, RetryFor); err != nil {
		h.close()
		return nil, err
	}
	return &Conn{h: h, buf: read, by: d.Answer, told: told}, nil
}

// bound sets the kernel's timeout for one kind of call. Zero would mean for
// ever to the kernel.
func (h *handle) bound(option int, timeout time.Duration) error {
	tv := unix.NsecToTimeval(int64(max(timeout, time.Millisecond)))
	return os.NewSyscallError("setsockopt", unix.SetsockoptTimeval(h.fd, unix.SOL_SOCKET, option, &tv))
}

func (h *handle) write(b []byte) error {
	for len(b) > 0 {
		n, err := write(h.fd, b, h.alone)
		switch err {
		case nil:
			b = b[n:]
		case unix.EINTR:
			h.alone = false
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

// read returns 0 bytes and no error at the end of the stream.
func (h *handle) read(b []byte, timeout time.Duration) (int, error) {
	deadline := time.Now().Add(timeout)
	for {
		left := time.Until(deadline)
		if left <= 0 {
			return 0, ErrSilent
		}
		// The deadline is kept to within 50 ms: one system call fewer for an
		// answer that comes at once.
		if d := h.timeout - left; d < 0 || d > 50*time.Millisecond {
			if err := h.bound(unix.SO_RCVTIMEO, left); err != nil {
				return 0, err
			}
			h.timeout = left
		}
		n, err := read(h.fd, b, h.alone)
		switch err {
		case nil:
			return n, nil
		case unix.EINTR:
			h.alone = false
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

// Fd is the socket, for a poll beside other files.
func (c *Conn) Fd() int { return c.h.fd }
