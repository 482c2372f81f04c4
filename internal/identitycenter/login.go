package identitycenter

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/singleflight"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// login is the sign-in at one portal.
type login struct {
	c          *Center
	key, about string

	mu      sync.Mutex // never held over I/O
	place   Place      // of who came last: all of them lead there
	files   []string   // of the AWS CLI's cache, by those who came
	read    bool       // the store has said what it has
	kept    kept
	refused []credential.Secret // access tokens that the portal turned down
	quiet   *flight
	asking  *flight
}

// flight is one attempt to get a token. It continues after its waiters have left.
type flight = singleflight.Call[credential.Secret]

const (
	quietLimit = 12 * time.Second // the store, then one call
	askLimit   = visitLimit + 30*time.Second
	visitLimit = 10 * time.Minute // what a device code lives
	maxRefused = 8
	maxFiles   = 16
)

// come takes note of a place that leads to l.
func (l *login) come(p Place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.place = p
	if f := p.cliFile(); !slices.Contains(l.files, f) && len(l.files) < maxFiles {
		l.files = append(l.files, f)
	}
}

// access returns a token that is good for a call. ctx bounds the wait. A person
// is asked, on behalf of that profile, unless ctx is unattended.
func (l *login) access(ctx context.Context, profile string) (credential.Secret, error) {
	if a, ok := l.good(true); ok {
		return a, nil
	}
	a, err := l.join(ctx, &l.quiet, quietLimit, l.look)
	if !errors.Is(err, errNone) {
		return a, err
	}
	if credential.IsUnattended(ctx) {
		return credential.Secret{}, &credential.Failure{
			Code: wire.LoginNeeded, Unasked: true,
			Reason: l.what() + ": a person has to sign in", Hint: loginHint(profile),
		}
	}
	return l.join(ctx, &l.asking, askLimit, func(ctx context.Context) (credential.Secret, error) { return l.ask(ctx, profile) })
}

// join waits for the flight in slot, and starts it if there is none.
func (l *login) join(ctx context.Context, slot **flight, limit time.Duration, fly func(context.Context) (credential.Secret, error)) (credential.Secret, error) {
	l.mu.Lock()
	f := *slot
	if f == nil {
		f = singleflight.New[credential.Secret]()
		*slot = f
		l.c.running.Go(func() {
			ctx, cancel := context.WithTimeout(l.c.life, limit)
			defer cancel()
			access, err := l.guarded(ctx, fly)
			l.mu.Lock()
			*slot = nil
			l.mu.Unlock()
			f.End(access, err)
		})
	}
	l.mu.Unlock()
	select {
	case <-f.Ended():
		return f.Result()
	case <-ctx.Done():
		return credential.Secret{}, l.givenUp()
	}
}

// guarded is fly, with a panic turned into an error.
func (l *login) guarded(ctx context.Context, fly func(context.Context) (credential.Secret, error)) (a credential.Secret, err error) {
	defer singleflight.Recover(l.c.cfg.Log, &err)
	return fly(ctx)
}

// look is the quiet way.
func (l *login) look(ctx context.Context) (credential.Secret, error) {
	l.load(ctx)
	if a, ok := l.good(true); ok {
		return a, nil
	}
	a, err := l.refresh(ctx)
	if err == nil {
		return a, nil
	}
	// One that is about to end is better than none, and so is the CLI's.
	if a, ok := l.good(false); ok {
		return a, nil
	}
	if a, ok := l.ofCLI(); ok {
		return a, nil
	}
	return credential.Secret{}, err
}

// glance is look without a call to the service. locked says that a person could
// open the store.
func (l *login) glance(ctx context.Context) (a credential.Secret, ok, locked bool) {
	locked = l.load(ctx)
	if a, ok = l.good(false); !ok {
		a, ok = l.ofCLI()
	}
	return a, ok, locked
}

// good returns the token in memory; with early only one that need not be renewed.
func (l *login) good(early bool) (credential.Secret, bool) {
	now := l.c.cfg.Now().Wall
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.kept.token
	if !t.usable(now, early) {
		return credential.Secret{}, false
	}
	return t.access, true
}

// load reads the store, until it has answered once. It reports whether a person
// could open it.
func (l *login) load(ctx context.Context) (locked bool) {
	l.mu.Lock()
	read := l.read
	l.mu.Unlock()
	if read || l.c.cfg.Store == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	v, ok, err := signIns(l.c.cfg.Store).Get(ctx, l.key)
	var k kept
	if ok && err == nil {
		k, err = decode(v)
	}
	if err != nil {
		l.c.cfg.Log.Warn("a sign-in that may be kept is not to be had", "reason", err.Error())
	}
	if err != nil && !errors.Is(err, errItem) && !errors.Is(err, keychain.ErrTorn) {
		return errors.Is(err, keychain.ErrLocked)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.read && l.kept.token == nil {
		for g, c := range l.kept.clients { // registered meanwhile
			if _, ok := k.clients[g]; !ok {
				k = k.with(g, c)
			}
		}
		l.kept = k
	}
	l.read = true
	return false
}

// ofCLI returns the AWS CLI's token, the one that lasts longest where there are
// several.
func (l *login) ofCLI() (credential.Secret, bool) {
	l.mu.Lock()
	place, files, refused := l.place, slices.Clone(l.files), slices.Clone(l.refused)
	l.mu.Unlock()
	var best cliToken
	for _, name := range files {
		content, err := l.c.cfg.CLIFile(name)
		if err != nil {
			continue
		}
		t, err := parseCLIFile(content)
		if err != nil {
			l.c.cfg.Log.Warn("a file of the AWS CLI's is passed over", "file", name, "reason", err.Error())
			continue
		}
		switch {
		case t.startURL != "" && t.startURL != place.StartURL, t.region != "" && t.region != place.Region:
		case slices.ContainsFunc(refused, t.access.Equal):
		case t.expires.After(best.expires):
			best = t
		}
	}
	if best.expires.Sub(l.c.cfg.Now().Wall) <= lastUse {
		return credential.Secret{}, false
	}
	return best.access, true
}

// turnedDown takes note that the portal does not take a token. With again it was
// a new one already.
func (l *login) turnedDown(access credential.Secret, again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.refused) == maxRefused {
		l.refused = l.refused[1:]
	}
	l.refused = append(l.refused, access)
	t := l.kept.token
	if t == nil || !t.access.Equal(access) {
		return
	}
	if t.expires.IsZero() && !again {
		return // another caller was told so too, and it is being renewed
	}
	if again || t.refresh.Empty() {
		l.setLocked(kept{clients: l.kept.clients})
		return
	}
	spent := *t
	spent.expires = time.Time{}
	l.setLocked(kept{l.kept.clients, &spent})
}

// setLocked makes k what is known, and has it kept. As long as the store has not
// said what it has, only a token may take its place. l.mu must be held.
func (l *login) setLocked(k kept) {
	l.kept = k
	l.read = l.read || k.token != nil
	if !l.read {
		return
	}
	if item, err := k.encode(); err == nil {
		l.c.keep.put(l.key, item)
	}
}

func (l *login) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept, l.read, l.refused = kept{}, false, nil
}

// remove is forget, and what the store has is nothing any more.
func (l *login) remove() {
	l.forget()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = true
}

// what is being done, for people.
func (l *login) what() string { return text.Clean("sign in to " + l.where()) }

func (l *login) where() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.place.StartURL
}

func loginHint(profile string) string { return "in a terminal, run: understudy login " + profile }

func (l *login) givenUp() *credential.Failure {
	return &credential.Failure{Code: wire.Temporary, Reason: l.what() + ": given up before there was an answer", Hint: "try again"}
}
