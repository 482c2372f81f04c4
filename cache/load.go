package cache

import (
	"context"
	"errors"
	"fmt"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// Load returns the session that the store has under id, or the one that waits to
// be written. A miss is false with a nil error, and is remembered: this cache is
// the store's only writer. If there is no store at all, it is a miss that is not
// remembered. An item that is torn or foreign, or of another format, is a miss and
// a log line; one of a newer version is kept as it is. What is returned may have
// expired.
//
// Load returns when ctx ends. It reads the store each time, so the caller makes
// one call per id at a time.
func (c *Cache) Load(ctx context.Context, id string) (credential.Session, bool, error) {
	c.mu.Lock()
	s, closed := c.slots[id], c.closed
	if s != nil && s.session != nil {
		session := *s.session
		c.mu.Unlock()
		return session, true, nil
	}
	known := s != nil && s.state != unread && s.state != stored
	c.mu.Unlock()
	switch {
	case c.store == nil || known:
		return credential.Session{}, false, nil
	case closed:
		return credential.Session{}, false, errClosed
	}
	session, ok, err := c.read(ctx, id)
	if c.logNoStore(err) {
		return credential.Session{}, false, nil
	}
	return c.loaded(id, session, ok, err)
}

// loaded records what a read brought.
func (c *Cache) loaded(id string, session credential.Session, ok bool, err error) (credential.Session, bool, error) {
	unusable := errors.Is(err, keychain.ErrTorn) || errors.Is(err, errDamaged) || errors.Is(err, errNewer)
	if err != nil && !unusable {
		return credential.Session{}, false, err
	}
	c.mu.Lock()
	c.noStore = false
	s := c.slotLocked(id)
	if errors.Is(err, errNewer) {
		s.leave()
	} else {
		s.loaded(ok)
	}
	ok = ok && s.state == stored
	c.mu.Unlock()
	if unusable {
		c.logUnusable(id, err)
	}
	c.writes.retryNow() // the store answers
	if !ok {
		return credential.Session{}, false, nil
	}
	return session, true, nil
}

// read returns the item under id. Its errors name no value.
func (c *Cache) read(ctx context.Context, id string) (credential.Session, bool, error) {
	v, ok, err := c.store.Get(ctx, storeKey(id))
	if errors.Is(err, keychain.ErrNewer) {
		return credential.Session{}, false, fmt.Errorf("%w: %w", errNewer, err)
	}
	if err != nil {
		return credential.Session{}, false, fmt.Errorf("read a session: %w", err)
	}
	if !ok {
		return credential.Session{}, false, nil
	}
	session, err := decode(id, v)
	return session, err == nil, err
}

func (c *Cache) logUnusable(id string, err error) {
	what := "cache: a stored session is not usable and is ignored"
	if errors.Is(err, errNewer) {
		what = "cache: a stored session is left alone, and its profiles are served from memory only"
	}
	c.log.Warn(what, "profiles", c.profiles(id), "why", err)
}

// profiles returns the profiles that the session under id was served as; the log
// names them because an ID tells a reader nothing.
func (c *Cache) profiles(id string) []string {
	for _, r := range c.Records() {
		if r.ID == id {
			return r.Profiles
		}
	}
	return nil
}

// logNoStore logs, once until a store answers, that there is none, if that is
// what err says: on a machine without a keychain it is no news with each session.
func (c *Cache) logNoStore(err error) bool {
	if !errors.Is(err, keychain.ErrAbsent) {
		return false
	}
	c.mu.Lock()
	logged := c.noStore
	c.noStore = true
	c.mu.Unlock()
	if !logged {
		c.log.Warn("cache: sessions are kept in memory only", "why", err)
	}
	return true
}
