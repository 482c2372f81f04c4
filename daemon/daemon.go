// Package daemon serves sessions to the programs of one user: it answers from
// memory, has a session fetched when there is none, renews it before it ends,
// and sees to it that for one session one fetch is under way however many ask.
// It knows neither STS nor the keychain by name: how a session is obtained
// comes with a credential.Plan, where it is kept is cache's business.
//
// The package stands at the top of the module for whoever reads it. It is no
// stable API: only the socket and the commands are.
package daemon

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"understudy/cache"
	"understudy/internal/credential"
	"understudy/internal/prompt"
)

// Config says what a Server works with. Resolve and Cache are required.
type Config struct {
	// Resolve says how the session that a caller asks for is obtained, from the
	// configuration as it is now. It runs on every request, so it is quick when
	// nothing changed. Its error is or wraps a *credential.Failure.
	Resolve func(context.Context, credential.Query) (*credential.Plan, error)

	Cache *cache.Cache

	// Desk is where a person is asked for what a Fetch needs; nil means that
	// nobody ever is.
	Desk *prompt.Desk
	// Notify tells the person at the desktop something, once; nil means that
	// nobody can be told. It is called on a goroutine of its own.
	Notify func(ctx context.Context, title, text string)

	// ForgetAll is called when a person has everything forgotten: what is kept
	// beside sessions goes too. It does not wait; nil means that there is nothing.
	ForgetAll func()

	KeepWarm time.Duration            // how long after its last use a session is renewed; 0 means 2 h
	IdleExit time.Duration            // Serve returns after so long without a request; 0 means never
	Now      func() credential.Moment // nil means credential.Now
	Log      *slog.Logger             // nil means discard
	Access   *AccessLog               // nil means no record of who asked
	Version  string

	// Network names the network that the machine is on. Under another name a
	// failed fetch is tried anew at the next request. Nil means that it is not
	// looked at.
	Network func() string

	// Store says where sessions are kept ("keychain" or "memory") and why; nil
	// means memory without a reason.
	Store func() (kind, reason string)
}

// Server is one daemon. Its methods may be called from any goroutine.
type Server struct {
	cfg     Config
	started time.Time
	stop    context.CancelCauseFunc // ends life
	life    context.Context         // of every fetch: it outlives the callers
	wake    chan struct{}           // the renewal loop should look again
	flying  sync.WaitGroup
	slots   chan struct{} // renewals under way
	paths   paths

	mu       sync.Mutex // guards what follows and every entry; never held over I/O
	entries  map[string]*entry
	weather  map[string]*weather // of the issuers that gave no answer last
	renewing int                 // background renewals under way
	ready    []*entry            // were due when the renewal loop looked last, the most urgent first
	skew     time.Duration
	warm     time.Duration
	quit     context.CancelFunc // ends Serve
	envs     environments
}

// maxRenewals is how many sessions are renewed at one time: after a laptop's
// sleep a hundred may be due in the same second.
const maxRenewals = 4

const defaultKeepWarm = 2 * time.Hour

// New returns a Server that knows the sessions the cache has a record of. Close
// it when done.
func New(cfg Config) *Server {
	if cfg.Now == nil {
		cfg.Now = credential.Now
	}
	if cfg.Desk == nil {
		cfg.Desk = prompt.NewDesk(prompt.Config{Mode: prompt.None})
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		cfg:     cfg,
		started: cfg.Now().Wall,
		wake:    make(chan struct{}, 1),
		slots:   make(chan struct{}, maxRenewals),
		entries: make(map[string]*entry),
		weather: make(map[string]*weather),
	}
	s.SetKeepWarm(cfg.KeepWarm)
	s.life, s.stop = context.WithCancelCause(context.Background())
	for _, r := range cfg.Cache.Records() {
		if r.Stored { // what was in memory only went with its daemon
			s.entries[r.ID] = restored(r)
		}
	}
	s.flying.Go(s.renewLoop)
	return s
}

// SetKeepWarm changes Config.KeepWarm while the server runs.
func (s *Server) SetKeepWarm(d time.Duration) {
	if d <= 0 {
		d = defaultKeepWarm
	}
	s.mu.Lock()
	s.warm = d
	s.mu.Unlock()
	s.rouse()
}

// NoteSkew records how far the issuer's clock is ahead of this machine's.
func (s *Server) NoteSkew(d time.Duration) {
	s.mu.Lock()
	before := s.skew
	s.skew = d
	s.mu.Unlock()
	if d.Abs() > reportSkew && before.Abs() <= reportSkew {
		s.cfg.Log.Warn("this machine's clock is off", "skew", d.Round(time.Second).String())
	}
}

// reportSkew is how far off the clock may be before it is worth a word.
const reportSkew = time.Minute

// Close ends every fetch and waits for them, but not for ever: a file system
// may hold one of them. Callers that still wait are answered that the daemon is
// stopping. What is known of the sessions goes to the cache.
func (s *Server) Close() {
	s.stop(errStopping)
	ended := make(chan struct{})
	go func() { s.flying.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(time.Second):
		s.cfg.Log.Warn("a fetch does not end; leaving without it")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		s.cfg.Cache.Update(e.record)
	}
}

// DropSecrets forgets every session in memory; the keychain keeps them.
func (s *Server) DropSecrets() {
	s.mu.Lock()
	for _, e := range s.entries {
		e.drop()
		e.loaded, e.plan = false, nil
		var bare askers
		for _, a := range e.askers {
			a.query.Environment = nil
			bare.set(a.query, nil) // plans hold keys
		}
		e.askers = bare
		e.record.Query.Environment = nil
	}
	s.envs = environments{}
	s.mu.Unlock()
	s.cfg.Cache.Purge()
}

func (s *Server) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
