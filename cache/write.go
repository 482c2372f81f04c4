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

// write does all pending writes and deletions. It tries each once, in order, stops if
// the store fails as a whole, and returns the first error.
func (c *Cache) write(ctx context.Context) (first error) {
	c.mu.Lock()
	ids := slices.Clone(c.order)
	c.mu.Unlock()
	c.writeIndexFirst(ctx, ids)
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

// writeOne does the pending write or deletion of id.
func (c *Cache) writeOne(ctx context.Context, id string) error {
	c.mu.Lock()
	s := c.slots[id]
	if s == nil || !s.state.pending() {
		c.doneLocked(id)
		c.mu.Unlock()
		return nil
	}
	if s.session != nil && s.session.Left(credential.Now()) <= 0 { // it has expired
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
	c.recordDone(id, todo, session, err)
	return nil
}

// check reads the item under id before it is overwritten for the first time. It returns
// errNewer for an item of a newer version, which must stay.
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

// recordDone records that todo was done; if err is not nil, an item of a newer version
// was found instead.
func (c *Cache) recordDone(id string, todo state, session *credential.Session, err error) {
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
		c.index.urgent() // else a later daemon would delete a session that is put there next
	} else {
		c.index.changed()
	}
}

// doneLocked removes id from c.order if nothing is pending, and drops the slot of a
// deleted item.
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

// writeIndexFirst writes the index, so that it names the sessions that are about to be
// stored. A session that no index names would remain in the store after a crash, and
// a later "forget everything" would miss it. If the disk fails, they are still stored.
func (c *Cache) writeIndexFirst(ctx context.Context, ids []string) {
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

// nameWait is how long writes to the store wait for the index at most.
const nameWait = 2 * time.Second

// longestWait is the longest back-off for a store that failed with err. Each try starts
// a worker process, so a missing store is tried rarely. A read that succeeds ends the
// back-off.
func longestWait(err error) time.Duration {
	if errors.Is(err, keychain.ErrAbsent) {
		return 10 * time.Minute
	}
	return time.Minute
}

// storeFails reports whether err means that all other items would fail too.
func storeFails(err error) bool {
	return errors.Is(err, keychain.ErrLocked) || errors.Is(err, keychain.ErrAbsent) ||
		errors.Is(err, keychain.ErrTimeout) || errors.Is(err, keychain.ErrClosed)
}
