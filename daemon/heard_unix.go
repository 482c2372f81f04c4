//go:build linux || darwin

package daemon

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// heard reports whether c has sent something that nobody has read yet. It does
// not wait.
func heard(c net.Conn) (sent bool) {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	// An end that has hung up reads as nothing sent.
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		sent = err == nil && n > 0
	})
	return err == nil && sent
}
