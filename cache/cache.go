// Package cache stores sessions beyond the life of the daemon's process: the sessions
// in the keychain, and on disk an index of them that holds no secret.
//
// The broker in daemon/session owns every session and every record. This package
// holds a session only until the store has it (write-behind), and pulls the
// records from the broker when the index is due. A deletion is remembered until
// the store has confirmed it.
//
// No request waits for a write: one goroutine writes to the store and one writes the
// index, each retries until it succeeds, and neither wakes if nothing is pending. If
// the store or the disk fails, durability is lost but requests are still answered.
//
// The package is at the top level to be easy to find; it is not a stable API.
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
	"understudy/internal/keychain"
	"understudy/internal/writebehind"
)

// Cache stores sessions for the next process. Its methods may be called from any
// goroutine.
type Cache struct {
	store  keychain.Store
	log    *slog.Logger
	index  *index            // nil without a folder
	writes *writebehind.Loop // nil without a store
	life   context.Context
	stop   context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex // never held over I/O, nor over a call of records
	closed  bool
	slots   map[string]*slot
	order   []string            // IDs with something to write, the oldest first
	named   map[string]struct{} // IDs of the records in the index on disk
	records func() []Record     // the broker's
	noStore bool                // it was logged that no store answers
	newer   bool                // it was logged that items of a newer version are left alone
}

// Pull makes records the source of the index, in place of the index that Open read.
// records is called in the background, and must not call the Cache.
func (c *Cache) Pull(records func() []Record) {
	c.mu.Lock()
	c.records = records
	c.mu.Unlock()
}

// Records returns the records sorted by ID: those that Open read from the index, or
// those of the source that Pull has set.
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

// Changed reports that a record changed; the index is written within seconds.
func (c *Cache) Changed() { c.index.changed() }

// Used reports that only the uses of a session changed; the index is written within
// half a minute. It is cheap: every request calls it.
func (c *Cache) Used() { c.index.used() }

// Put schedules a write of the session under id. It replaces a session that is stored
// or pending under the same id.
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
	c.writes.Changed()
}

// Delete schedules the deletion of the session under id. Until the store has confirmed
// it, the index records the deletion, so that neither this cache nor one opened later
// loads the session. It does no I/O; Flush waits for the outcome. A later Put is still
// written.
func (c *Cache) Delete(id string) {
	c.mu.Lock()
	s := c.slotLocked(id)
	before := s.state
	if c.store != nil && before != absent {
		s.delete()
		c.queueLocked(id, before, s.state)
	} else if !before.gone() { // a pending deletion stays, even without a store
		delete(c.slots, id)
	}
	c.mu.Unlock()
	c.index.urgent() // until it is on disk, a crash would bring the session back
	c.writes.Changed()
	c.writes.RetryNow()
}

// Stored reports whether the store has the last session that was put or loaded.
func (c *Cache) Stored(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.storedLocked(id)
}

// Purge drops every secret from memory: the sessions that are not written yet are
// lost.
func (c *Cache) Purge() {
	c.mu.Lock()
	for _, s := range c.slots {
		s.purge()
	}
	c.mu.Unlock()
	c.writes.Changed() // a session that is being written now may have to be deleted
}

// Flush tries all pending writes and deletions now, without waiting for a back-off. It
// returns when they are done, or an error.
func (c *Cache) Flush(ctx context.Context) error {
	err := c.writes.Flush(ctx)
	if indexed := c.index.flush(ctx); err == nil { // second, because it records what is stored
		err = indexed
	}
	return err
}

// closeGrace is how long Close waits for the background goroutines after its ctx ended.
const closeGrace = time.Second

// Close flushes, then ends the background goroutines and waits for them. If a disk or
// the store hangs, it returns closeGrace after ctx ended.
func (c *Cache) Close(ctx context.Context) error {
	err := c.Flush(ctx)
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	over := make(chan struct{})
	go func() { // ends when they have ended, maybe after Close
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

// queueLocked adds id to c.order if its slot became pending.
func (c *Cache) queueLocked(id string, before, now state) {
	if now.pending() && !before.pending() {
		c.order = append(c.order, id)
	}
}
