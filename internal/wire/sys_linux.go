package wire

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A process that is alone with its round trip makes it with raw system calls,
// which do not tell the Go scheduler that the thread may block. That saves
// waking a second thread for each call, about a fifth of the helper's whole
// run (see bench/). Where other goroutines live it would hold up them and the
// garbage collector, so it is never the default.

func socket() (int, error) {
	return unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
}

func connect(fd int, path string, alone bool) error {
	if !alone {
		return unix.Connect(fd, &unix.SockaddrUnix{Name: path})
	}
	sa := unix.RawSockaddrUnix{Family: unix.AF_UNIX}
	if len(path) >= len(sa.Path) {
		return unix.ENAMETOOLONG
	}
	for i := range len(path) {
		sa.Path[i] = int8(path[i])
	}
	size := unsafe.Offsetof(sa.Path) + uintptr(len(path)) + 1
	if _, _, e := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa)), size); e != 0 {
		return e
	}
	return nil
}

func write(fd int, b []byte, alone bool) (int, error) {
	if !alone {
		return unix.SendmsgN(fd, b, nil, nil, unix.MSG_NOSIGNAL)
	}
	n, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}

func read(fd int, b []byte, alone bool) (int, error) {
	if !alone {
		return unix.Read(fd, b)
	}
	n, _, e := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}

// PeerOf asks the kernel who is at the other end of the connected socket fd.
func PeerOf(fd int) (Peer, error) {
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return Peer{}, os.NewSyscallError("getsockopt SO_PEERCRED", err)
	}
	return Peer{UID: int(c.Uid), PID: int(c.Pid)}, nil
}
