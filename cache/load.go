package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// loadDeadline is for a store that has none of its own.
const loadDeadline = 10 * time.Second

var errClosed = errors.New("the cache is closed")

// flight is one reading of the store, shared by all who want the same session.
type flight struct {
	over    chan struct{} // closed when the rest is set
	session credential.Session
	ok      bool
	err     error
}

// Load returns the session under id from memory, else from the store. A miss is
// false with a nil error, and is remembered: this cache is the store's only
// writer. So is a session that the store was told to remove and has not yet.
// Where there is no store at all it is a miss that is not remembered. A stored
// item that is torn, foreign or of another format is a miss and a log line. What
// is returned may be past its end. The store is read once however many callers
// wait, and the reading does not end with the first of them.
func (c *Cache) Load(ctx context.Context, id string) (credential.Session, bool, error) {
	c.mu.Lock()
	s := c.slotLocked(id)
	if s.held || c.store == nil || s.absent || s.gone || c.closed {
		session, ok := s.session, s.held
		closed := c.closed
		c.mu.Unlock()
		if closed && !ok {
			return session, false, errClosed
		}
		return session, ok, nil
	}
	f := s.flight
	if f == nil {
		f = &flight{over: make(chan struct{})}
		s.flight = f
		change, purges := s.change, c.purges
		c.wg.Go(func() { c.fetch(id, f, change, purges) })
	}
	c.mu.Unlock()
	select {
	case <-f.over:
		return f.session, f.ok, f.err
	case <-ctx.Done():
		return credential.Session{}, false, fmt.Errorf("read a session: %w", context.Cause(ctx))
	}
}

// fetch reads the store for f, which began when slot and cache had seen that
// many changes and purges; what came in between is newer than what it reads.
func (c *Cache) fetch(id string, f *flight, change, purges int) {
	ctx, cancel := context.WithTimeout(c.life, loadDeadline)
	defer cancel()
	session, ok, err := c.read(ctx, id)

	lacking := c.tellAbsent(err)

	c.mu.Lock()
	s := c.slotLocked(id)
	s.flight = nil
	if err == nil {
		c.alone = false
	}
	switch {
	case s.change != change:
		session, ok, err = s.session, s.held, nil
	case lacking:
		err = nil
	case err == nil:
		s.stored, s.absent = ok, !ok
		if ok && c.purges == purges {
			s.session, s.held = session, true
		}
	}
	c.mu.Unlock()
	f.session, f.ok, f.err = session, ok, err
	close(f.over)
	if err == nil && !lacking {
		c.queue.nudge()
	}
}

// tellAbsent logs, once until it is there, that there is no store, where that is
// what err says. On a machine without a keychain it is no news with each session.
func (c *Cache) tellAbsent(err error) bool {
	if !errors.Is(err, keychain.ErrAbsent) {
		return false
	}
	c.mu.Lock()
	said := c.alone
	c.alone = true
	c.mu.Unlock()
	if !said {
		c.log.Warn("cache: sessions are kept in memory only", "why", err)
	}
	return true
}

// profiles are those that the session under id was served as: its ID says
// nothing to anybody.
func (c *Cache) profiles(id string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.slots[id]; s != nil {
		return slices.Clone(s.record.Profiles)
	}
	return nil
}

func (c *Cache) read(ctx context.Context, id string) (credential.Session, bool, error) {
	v, ok, err := c.store.Get(ctx, storeKey(id))
	if err == nil && ok {
		var session credential.Session
		if session, err = decode(id, v); err == nil {
			return session, true, nil
		}
	} else if err == nil {
		return credential.Session{}, false, nil
	}
	if errors.Is(err, keychain.ErrTorn) || errors.Is(err, errDamaged) || errors.Is(err, errNewer) {
		c.log.Warn("cache: a stored session is not usable and counts as none", "profiles", c.profiles(id), "why", err)
		return credential.Session{}, false, nil
	}
	return credential.Session{}, false, fmt.Errorf("read a session: %w", err)
}
