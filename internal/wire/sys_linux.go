package wire

import (
	"os"

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
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return Peer{}, os.NewSyscallError("getsockopt SO_PEERCRED", err)
	}
	return Peer{UID: int(c.Uid), PID: int(c.Pid)}, nil
}
