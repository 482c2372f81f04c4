// Package socket is the front end for all programs of the user: the Unix socket or
// named pipe, its lock, its connections, and the requests on them. It does not know
// how a session is obtained.
//
// A Server serves any connection or Listener, so tests can use a pipe. Listen makes
// the user's one socket.
package socket

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"understudy/daemon/session"
	"understudy/internal/status"
)

// Config says what a Server works with. Broker and Status are required.
type Config struct {
	Broker *session.Broker
	// Status returns what `understudy status` prints.
	Status func() status.Report

	IdleExit time.Duration // Serve returns after so long without a connection; 0 means never
	Log      *slog.Logger  // nil means discard
}

// Server answers requests. Its methods may be called from any goroutine.
type Server struct {
	cfg   Config
	paths paths

	mu   sync.Mutex
	quit context.CancelFunc // ends Serve
}

// New returns a Server.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Server{cfg: cfg}
}

// stop ends Serve.
func (s *Server) stop() {
	s.mu.Lock()
	quit := s.quit
	s.mu.Unlock()
	if quit != nil {
		quit()
	}
}
