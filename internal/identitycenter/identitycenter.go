// Package identitycenter signs a person in at IAM Identity Center, once for all
// roles and profiles of a portal, and fetches sessions of roles with the token
// that comes of it.
//
// There are two ways to a token. The quiet one asks nobody: what is in memory or
// in the keychain, renewed with its refresh token when it is about to end, and
// what `aws sso login` left below ~/.aws. Where that comes to nothing a person
// is asked: with an authorization code (PKCE), whose page leads back to this
// machine, or with a device code, whose page may be opened anywhere. Each way is
// taken by one at a time for a portal, and whoever needs the token waits for the
// same one.
//
// The AWS CLI's files are only read. Its refresh token is left alone: it works
// once, so that using it would sign the CLI out.
package identitycenter

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/prompt"
)

// Config says what a Center works with.
type Config struct {
	Store keychain.Store // nil means that sign-ins are kept in memory alone

	// Ask shows a page to a person: prompt.Desk.Ask.
	Ask func(context.Context, prompt.Question) (prompt.Answer, error)
	// Reach says how a page would reach a person: prompt.Desk.Reach; nil means
	// that no browser of this machine does.
	Reach func(about string) (here bool, err error)
	// Closed is told that a person said no in the browser: prompt.Desk.Closed;
	// nil means that nobody wants to know.
	Closed func(about string)
	// CLIFile reads a file of the AWS CLI's cache of tokens; nil means that
	// there is none.
	CLIFile func(name string) ([]byte, error)

	Now func() credential.Moment // nil means credential.Now
	Log *slog.Logger             // nil means discard
}

// Center holds the sign-ins of all portals. It is safe for concurrent use.
type Center struct {
	cfg     Config
	life    context.Context // ended by Close
	end     context.CancelFunc
	running sync.WaitGroup
	keep    *keeper // nil without a Store

	mu     sync.Mutex // never held over I/O
	logins map[string]*login
}

// New returns a Center that holds nothing yet; the caller must Close it.
func New(cfg Config) *Center {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = credential.Now
	}
	if cfg.Reach == nil {
		cfg.Reach = func(string) (bool, error) { return false, nil }
	}
	if cfg.Closed == nil {
		cfg.Closed = func(string) {}
	}
	if cfg.CLIFile == nil {
		cfg.CLIFile = func(string) ([]byte, error) { return nil, errNone }
	}
	c := &Center{cfg: cfg, logins: make(map[string]*login)}
	c.life, c.end = context.WithCancel(context.Background())
	if cfg.Store != nil {
		c.keep = newKeeper(cfg.Store, cfg.Log)
	}
	return c
}

// Close takes back the questions that are open, waits for all that is under way,
// and writes what is not yet kept as far as ctx allows.
func (c *Center) Close(ctx context.Context) error {
	c.end()
	c.running.Wait()
	return c.keep.close(ctx)
}

// Forget lets go of every token in memory; the store keeps what it has.
func (c *Center) Forget() {
	c.keep.drop()
	c.each((*login).forget)
}

// ForgetAll removes every sign-in there is, from memory at once and from the
// store when that answers.
func (c *Center) ForgetAll() {
	c.each((*login).remove)
	c.keep.removeAll()
}

func (c *Center) each(do func(*login)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.logins {
		do(l)
	}
}

// login returns the sign-in of a place.
func (c *Center) login(p Place) *login {
	key := p.key()
	c.mu.Lock()
	l := c.logins[key]
	if l == nil {
		l = &login{c: c, key: key, about: p.About()}
		c.logins[key] = l
	}
	c.mu.Unlock()
	l.come(p)
	return l
}

// errNone says that there is no token to be had in this way.
var errNone = errors.New("there is no token")
