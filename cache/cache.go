// Package cache keeps what outlives the daemon's process: sessions in the
// keychain, and on disk an index of them that holds no secret.
//
// The broker in daemon/session owns every session and every record. This package
// holds a session only until the store has it (write-behind), and pulls the
// records from the broker when the index is due. A deletion is remembered until
// the store has confirmed it.
//
// No request waits for a write: one goroutine brings the store up to date and one
// the index, for as long as it takes, and neither wakes if nothing is pending. A
// store or a disk that fails costs durability, never an answer.
//
// The package is at the top of the module for its readers; it is no stable API.
package cache

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"understudy/internal/credential"
)

// Store keeps secrets over a restart. A miss is ok == false with a nil error. Each
// call returns when ctx ends. keychain.Keychain is one; tests have others.
type Store interface {
	Get(ctx context.Context, key string) (v credential.Secret, ok bool, err error)
	Set(ctx context.Context, key string, v credential.Secret) error
	Delete(ctx context.Context, key string) error
}

// Cache keeps sessions for the next process. Its methods may be called from many
// goroutines.
type Cache struct {
	store  Store
	log    *slog.Logger
	index  *index // nil without a folder
	writes *loop  // nil without a store
	life   context.Context
	stop   context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex // never held over I/O, nor over a call of records
	closed  bool
	slots   map[string]*slot
	order   []string            // IDs with something to write, the oldest first
	named   map[string]struct{} // IDs of the records in the index on disk
	records func() []Record     // the broker's
	noStore bool                // the log has said that no store answers
	newer   bool                // the log has said that items of a newer version are left alone
}

// Pull makes records the source of what the index holds, in place of what it held
// at Open. It is called off the request path, and must not call the Cache.
func (c *Cache) Pull(records func() []Record) {
	c.mu.Lock()
	c.records = records
	c.mu.Unlock()
}

// Records returns the records, in the order of their IDs: those of the index at
// Open, until Pull named another source.
func (c *Cache) Records() []Record {
	c.mu.Lock()
	records := c.records
	c.mu.Unlock()
	all := slices.Clone(records())
	c.mu.Lock()
	for i := range all {
		all[i].Stored = c.storedLocked(all[i].ID)
	}
	c.mu.Unlock()
	slices.SortFunc(all, func(a, b Record) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Changed says that a record changed; the index on disk follows within seconds.
func (c *Cache) Changed() { c.index.changed() }

// Used says that nothing but the uses of a session changed; the index follows
// within half a minute. It costs next to nothing.
func (c *Cache) Used() { c.index.used() }

// Put has the session under id written, in place of any that was there. Of two
// under one id the later one is written.
func (c *Cache) Put(id string, session credential.Session) {
	if c.store == nil {
		return
	}
	c.mu.Lock()
	s := c.slotLocked(id)
	before := s.state
	s.put(&session)
	c.queueLocked(id, before, s.state)
	c.mu.Unlock()
	c.index.changed()
	c.writes.changed()
}

// Delete has the session under id deleted. Until the store has confirmed it, the
// index remembers it, so that neither this cache nor one opened later loads the
// session. It does no I/O; Flush waits for the outcome. A Put that follows is
// kept.
func (c *Cache) Delete(id string) {
	c.mu.Lock()
	s := c.slotLocked(id)
	before := s.state
	if c.store != nil && before != absent {
		s.delete()
		c.queueLocked(id, before, s.state)
	} else if !before.gone() { // without a store, what an earlier one has is still to be deleted
		delete(c.slots, id)
	}
	c.mu.Unlock()
	c.index.urgent() // until it is on disk, a crash would bring the session back
	c.writes.changed()
	c.writes.retryNow()
}

// Stored reports whether the store has the session that was put or loaded last.
func (c *Cache) Stored(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.storedLocked(id)
}

// Purge drops every secret from memory: the sessions that are not yet written.
func (c *Cache) Purge() {
	c.mu.Lock()
	for _, s := range c.slots {
		s.purge()
	}
	c.mu.Unlock()
	c.writes.changed() // one that is being written may have to be deleted
}

// Flush tries everything that is pending now, however lately it failed, and
// returns when it is done or why it is not.
func (c *Cache) Flush(ctx context.Context) error {
	err := c.writes.flush(ctx)
	if indexed := c.index.flush(ctx); err == nil { // second: it says what is stored
		err = indexed
	}
	return err
}

// closeGrace is for the background goroutines to notice that they have to end.
const closeGrace = time.Second

// Close flushes, then ends the background goroutines and waits for them, a moment
// longer than ctx if a disk or a store hangs.
func (c *Cache) Close(ctx context.Context) error {
	err := c.Flush(ctx)
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	over := make(chan struct{})
	go func() { // ends with what it waits for
		c.wg.Wait()
		close(over)
	}()
	select {
	case <-over:
		return err
	case <-ctx.Done():
	}
	select {
	case <-over:
		return err
	case <-time.After(closeGrace):
		return fmt.Errorf("close the cache: %w", context.Cause(ctx))
	}
}

func (c *Cache) slotLocked(id string) *slot {
	s := c.slots[id]
	if s == nil {
		s = &slot{}
		c.slots[id] = s
	}
	return s
}

func (c *Cache) storedLocked(id string) bool {
	s := c.slots[id]
	return s != nil && s.state == stored
}

// queueLocked puts id into the order of writing if it is pending now and was not.
func (c *Cache) queueLocked(id string, before, now state) {
	if now.pending() && !before.pending() {
		c.order = append(c.order, id)
	}
}
