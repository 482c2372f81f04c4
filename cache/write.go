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

// write brings the store up to date, one item after the other: it tries each that
// is pending once, and stops at a store that fails as a whole. It returns the
// first error.
func (c *Cache) write(ctx context.Context) (first error) {
	c.mu.Lock()
	ids := slices.Clone(c.order)
	c.mu.Unlock()
	c.nameFirst(ctx, ids)
	for _, id := range ids {
		err := c.writeOne(ctx, id)
		if err == nil {
			continue
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil || storeFails(err) {
			break
		}
	}
	return first
}

// writeOne does what is pending under id.
func (c *Cache) writeOne(ctx context.Context, id string) error {
	c.mu.Lock()
	s := c.slots[id]
	if s == nil || !s.state.pending() {
		c.doneLocked(id)
		c.mu.Unlock()
		return nil
	}
	if s.session != nil && s.session.Left(credential.Now()) <= 0 { // no one will ever want it
		s.purge()
		if !s.state.pending() {
			c.doneLocked(id)
			c.mu.Unlock()
			return nil
		}
	}
	todo, session, check := s.state, s.session, s.state == writing && !s.checked
	c.mu.Unlock()

	var err error
	switch {
	case check:
		if err = c.check(ctx, id); err == nil {
			err = c.set(ctx, id, session)
		}
	case todo.writes():
		err = c.set(ctx, id, session)
	case todo == deleting:
		err = c.store.Delete(ctx, storeKey(id))
	}
	if err != nil && !errors.Is(err, errNewer) {
		return err
	}
	c.settle(id, todo, session, err)
	return nil
}

// check reads what is under id before it is overwritten for the first time: an
// item of a newer version stays.
func (c *Cache) check(ctx context.Context, id string) error {
	_, _, err := c.read(ctx, id)
	switch {
	case errors.Is(err, errNewer):
		return err
	case err == nil, errors.Is(err, ErrUnusable):
		return nil
	}
	return fmt.Errorf("keep a session: %w", err)
}

func (c *Cache) set(ctx context.Context, id string, session *credential.Session) error {
	v, err := encode(id, *session)
	if err != nil {
		return err
	}
	if err := c.store.Set(ctx, storeKey(id), v); err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	return nil
}

// settle records that todo was done; err says if an item of a newer version was
// found instead.
func (c *Cache) settle(id string, todo state, session *credential.Session, err error) {
	c.mu.Lock()
	c.noStore = false
	s := c.slotLocked(id)
	urgent, logged := false, false
	switch {
	case err != nil:
		s.leave()
		logged = c.newer
		c.newer = true
	case session != nil:
		urgent = s.state == replacing
		s.written(session)
	case todo == deleting:
		urgent = true
		s.deleted()
	}
	c.doneLocked(id)
	c.mu.Unlock()
	if err != nil && !logged {
		c.log.Warn("cache: stored sessions of a newer version are left alone, and their profiles are served from memory only", "why", err)
	}
	if urgent {
		c.index.urgent() // until it is on disk, a crash would delete what is put there next
	} else {
		c.index.changed()
	}
}

// doneLocked takes id out of the order of writing if nothing is pending, and drops
// the slot of an item that was deleted.
func (c *Cache) doneLocked(id string) {
	s := c.slots[id]
	if s != nil && s.state.pending() {
		return
	}
	if i := slices.Index(c.order, id); i >= 0 {
		c.order = slices.Delete(c.order, i, i+1)
	}
	if s != nil && s.state == absent {
		delete(c.slots, id)
	}
}

// nameFirst has the index name the sessions that are about to be stored. If the
// store had one that no index names, it would be there after a crash, and a later
// "forget everything" would miss it. A disk that fails does not keep them out.
func (c *Cache) nameFirst(ctx context.Context, ids []string) {
	c.mu.Lock()
	unnamed := slices.ContainsFunc(ids, func(id string) bool {
		s := c.slots[id]
		_, named := c.named[id]
		return s != nil && s.state.writes() && !named
	})
	c.mu.Unlock()
	if !unnamed {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, nameWait)
	defer cancel()
	_ = c.index.flush(ctx) // the index's own loop logs its failure
}

// nameWait is the longest that the store waits for the index.
const nameWait = 2 * time.Second

// longestWait is between two tries of a store that failed with err. Each try
// starts a worker process, so a missing store is looked for rarely; a read that
// succeeds cuts the wait short.
func longestWait(err error) time.Duration {
	if errors.Is(err, keychain.ErrAbsent) {
		return 10 * time.Minute
	}
	return time.Minute
}

// storeFails reports whether err means that every other item would fail too.
func storeFails(err error) bool {
	return errors.Is(err, keychain.ErrLocked) || errors.Is(err, keychain.ErrAbsent) ||
		errors.Is(err, keychain.ErrTimeout) || errors.Is(err, keychain.ErrClosed)
}
