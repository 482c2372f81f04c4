package wire

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

func socket() (int, error) {
	return unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
}

// write returns EPIPE, and the process gets no SIGPIPE, if the daemon is gone.
func write(fd int, b []byte) (int, error) {
	return unix.SendmsgN(fd, b, nil, nil, unix.MSG_NOSIGNAL)
}

// PeerOf asks the kernel who is at the other end of the connected socket fd.
func PeerOf(fd int) (Peer, error) {
	// RawSyscall, because every request makes this call, and it never blocks.
	var c unix.Ucred
	size := uint32(unsafe.Sizeof(c))
	_, _, e := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_PEERCRED,
		uintptr(unsafe.Pointer(&c)), uintptr(unsafe.Pointer(&size)), 0)
	if e == 0 && size != uint32(unsafe.Sizeof(c)) {
		e = unix.EINVAL
	}
	if e != 0 {
		return Peer{}, os.NewSyscallError("getsockopt SO_PEERCRED", e)
	}
	return Peer{UID: int(c.Uid), PID: int(c.Pid)}, nil
}
