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
	tv := unix.NsecToTimeval(int64(timeout))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &tv); err != nil {
		h.close()
		return handle{}, os.NewSyscallError("setsockopt", err)
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

func (h *handle) write(b []byte) error {
	for len(b) > 0 {
		n, err := write(h.fd, b, h.alone)
		if err == unix.EINTR {
			continue
		}
		if err == unix.EPIPE || err == unix.ECONNRESET {
			return ErrClosed
		}
		if err != nil {
			return err
		}
		b = b[n:]
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
			tv := unix.NsecToTimeval(int64(left))
			if err := unix.SetsockoptTimeval(h.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv); err != nil {
				return 0, os.NewSyscallError("setsockopt", err)
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
