package socket

import (
	"net"

	"understudy/internal/wire"
)

// acceptor accepts connections.
type acceptor struct{ l *net.UnixListener }

// newAcceptor takes the socket over from l.
func newAcceptor(l *net.UnixListener) (*acceptor, error) { return &acceptor{l}, nil }

// accept returns the next connection and its peer. If it returns a connection and an
// error, the peer is unknown and the caller must close the connection.
func (a *acceptor) accept() (net.Conn, wire.Peer, error) {
	c, err := a.l.AcceptUnix()
	if err != nil {
		return nil, wire.Peer{}, err
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return c, wire.Peer{}, err
	}
	var peer wire.Peer
	if cerr := raw.Control(func(fd uintptr) { peer, err = wire.PeerOf(int(fd)) }); cerr != nil {
		err = cerr
	}
	return c, peer, err
}

func (a *acceptor) close() error { return a.l.Close() }
