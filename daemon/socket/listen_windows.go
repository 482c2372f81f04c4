package socket

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"

	winio "github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"

	"understudy/internal/wire"
)

// ErrRunning is returned by Listen if another daemon of this user is running.
var ErrRunning = errors.New("another daemon is running")

// Socket is the daemon's named pipe. Its access list admits only this user's SID, so
// every peer is this user. A second daemon cannot make the pipe.
type Socket struct{ l net.Listener }

// Listen makes the pipe. It returns ErrRunning if a daemon is running.
func Listen(path string, _ *slog.Logger) (*Socket, error) {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, err
	}
	l, err := winio.ListenPipe(path, &winio.PipeConfig{
		SecurityDescriptor: fmt.Sprintf("D:P(A;;GA;;;%s)", u.User.Sid),
		InputBufferSize:    wire.MaxLine,
		OutputBufferSize:   wire.MaxLine,
	})
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_PIPE_BUSY) {
		return nil, ErrRunning
	}
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", path, err)
	}
	return &Socket{l}, nil
}

// Accept returns the next connection.
func (s *Socket) Accept() (net.Conn, wire.Peer, error) {
	c, err := s.l.Accept()
	if err != nil && strings.Contains(err.Error(), winio.ErrPipeListenerClosed.Error()) {
		err = net.ErrClosed
	}
	return c, wire.Peer{UID: os.Getuid()}, err
}

// Lost waits until ctx ends: a pipe cannot be removed.
func (s *Socket) Lost(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// Close removes the pipe.
func (s *Socket) Close() error { return s.l.Close() }
