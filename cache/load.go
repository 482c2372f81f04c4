package cache

import (
	"context"
	"errors"
	"fmt"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/writebehind"
)

// ErrUnusable is wrapped by Load's error for an item that is damaged, foreign, or of a
// newer version. The caller should treat it as a miss.
var ErrUnusable = errors.New("a stored session is not usable")

// Load returns the session that the store has under id, or the one that waits to be
// written. It may have expired. A miss is false with a nil error. A miss is
// remembered, since this cache is the store's only writer, unless no store answers.
// An item of a newer version is left as it is, and is a miss afterwards.
//
// Load returns when ctx ends. Calls for the same id are not combined, so the caller
// should make one at a time.
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
		return credential.Session{}, false, writebehind.ErrEnded
	}
	session, ok, err := c.read(ctx, id)
	if c.logNoStore(err) {
		return credential.Session{}, false, nil
	}
	if err != nil && !errors.Is(err, ErrUnusable) {
		return credential.Session{}, false, fmt.Errorf("read a session: %w", err)
	}
	c.mu.Lock()
	c.noStore = false
	s = c.slotLocked(id)
	switch {
	case errors.Is(err, errNewer):
		s.leave()
	case err != nil:
		s.unusable()
	default:
		s.loaded(ok)
		ok = ok && s.state == stored
	}
	c.mu.Unlock()
	c.writes.RetryNow() // the store answers
	if !ok {
		session = credential.Session{}
	}
	return session, ok, err
}

// read returns the item under id. Its errors repeat no value.
func (c *Cache) read(ctx context.Context, id string) (credential.Session, bool, error) {
	v, ok, err := c.store.Get(ctx, storeKey(id))
	switch {
	case errors.Is(err, keychain.ErrNewer):
		return credential.Session{}, false, fmt.Errorf("%w: %w", ErrUnusable, errNewer)
	case errors.Is(err, keychain.ErrTorn):
		return credential.Session{}, false, fmt.Errorf("%w: %w", ErrUnusable, err)
	case err != nil:
		return credential.Session{}, false, err
	case !ok:
		return credential.Session{}, false, nil
	}
	session, err := decode(id, v)
	if err != nil {
		return credential.Session{}, false, fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	return session, true, nil
}

// logNoStore reports whether err means that no store answers. It logs that once until
// a store answers, and not for each session.
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
