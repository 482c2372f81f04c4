//go:build linux || darwin

package socket

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// hasUnreadInput reports whether bytes from c wait to be read. It does not block. If
// the peer has only closed the connection, the result is false.
func hasUnreadInput(c net.Conn) (sent bool) {
	err := control(c, func(fd uintptr) {
		var b [1]byte
		n, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		sent = err == nil && n > 0
	})
	return err == nil && sent
}

// control calls f with the descriptor of c, if it has one.
func control(c net.Conn, f func(fd uintptr)) error {
	switch c := c.(type) {
	case interface{ control(func(uintptr)) error }:
		return c.control(f)
	case syscall.Conn:
		raw, err := c.SyscallConn()
		if err != nil {
			return err
		}
		return raw.Control(f)
	}
	return errors.ErrUnsupported
}
