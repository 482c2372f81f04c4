package socket

import (
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// acceptor accepts connections as net does, but does not register them with the
// runtime's poller; a socketConn does that if it must. One goroutine uses it at a
// time.
type acceptor struct {
	f   *os.File // the listening socket
	raw syscall.RawConn
	try func(listener uintptr) (done bool) // allocated once, not for each connection

	fd  int // result of try
	err error
}

// newAcceptor takes the socket over from l.
func newAcceptor(l *net.UnixListener) (*acceptor, error) {
	f, err := l.File() // l has no way to wait for a connection without accepting it
	l.Close()
	if err != nil {
		return nil, err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, err
	}
	a := &acceptor{f: f, raw: raw}
	a.try = func(listener uintptr) bool {
		for {
			// The address is not wanted: a client's socket has no name. PeerOf
			// identifies the client.
			fd, _, e := unix.RawSyscall6(unix.SYS_ACCEPT4, listener, 0, 0, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0, 0)
			switch e {
			case 0:
				a.fd, a.err = int(fd), nil
			case unix.EINTR, unix.ECONNABORTED:
				continue
			case unix.EAGAIN:
				return false
			default:
				a.err = os.NewSyscallError("accept4", e)
			}
			return true
		}
	}
	return a, nil
}

// accept returns the next connection and its peer. If it returns a connection and an
// error, the peer is unknown and the caller must close the connection.
func (a *acceptor) accept() (net.Conn, wire.Peer, error) {
	err := a.raw.Read(a.try)
	if err == nil {
		err = a.err
	}
	if err != nil {
		return nil, wire.Peer{}, err
	}
	peer, err := wire.PeerOf(a.fd)
	return &socketConn{fd: a.fd}, peer, err
}

func (a *acceptor) close() error { return a.f.Close() }
