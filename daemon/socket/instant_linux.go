package socket

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of this file do not block, unless a program of the same user sends
// files whose closing does. RawSyscall does not notify the scheduler, which would
// otherwise prepare for a call that blocks, and be woken for that if the daemon was idle.

// instantRead is unix.Read of a non-blocking descriptor.
func instantRead(fd int, b []byte) (int, error) { return instant(unix.SYS_READ, fd, b) }

// instantWrite is unix.Write to a non-blocking descriptor.
func instantWrite(fd int, b []byte) (int, error) { return instant(unix.SYS_WRITE, fd, b) }

func instant(call uintptr, fd int, b []byte) (int, error) {
	n, _, e := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if e != 0 {
		return -1, e
	}
	return int(n), nil
}

// instantClose is unix.Close of a Unix socket.
func instantClose(fd int) error {
	if _, _, e := unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0); e != 0 {
		return e
	}
	return nil
}
