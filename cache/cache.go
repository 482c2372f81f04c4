// Package cache is where sessions are kept: in memory first, with a keychain
// behind it, and an index without secrets on disk.
//
// No request waits for a write: one goroutine brings the store up to date, one
// the index, both for as long as it takes, and neither wakes when nothing is
// pending. A store or a disk that is sick costs durability, never an answer.
//
// It stands at the top of the module for its readers; it is no stable API.
package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// Store keeps secrets over a restart. A miss is ok == false with a nil error.
// keychain.Keychain is one; tests have others.
type Store interface {
	Get(ctx context.Context, key string) (v credential.Secret, ok bool, err error)
	Set(ctx context.Context, key string, v credential.Secret) error
	Delete(ctx context.Context, key string) error
}

// Config says where a Cache keeps what.
type Config struct {
	Store Store        // nil means memory only
	Dir   string       // the state folder, absolute, for the index; "" means no index on disk
	Log   *slog.Logger // nil means nobody listens
}

// Cache holds sessions. Its methods may be called from many goroutines.
type Cache struct {
	store Store
	log   *slog.Logger
	index *index          // nil without a folder
	queue *queue          // nil without a store
	life  context.Context // until Close
	stop  context.CancelFunc
	wg    sync.WaitGroup

	mu     sync.Mutex // never held over I/O
	closed bool
	slots  map[string]*slot
	purges int
	alone  bool // it was said that there is no store
}

// slot is all that is known under one ID.
type slot struct {
	session credential.Session
	held    bool // session is one
	change  int  // counts what Put and Forget did to session
	stored  bool // the store has session; where none is held, the index said that it had one
	absent  bool // the store is known to have none
	gone    bool // what the store has, if anything, is to go, and it has not said that it did

	record Record
	known  bool // record is one
	named  bool // the index on disk names it

	flight *flight // the reading of the store under way
}

// Open reads the index and returns a Cache that holds no session yet. A folder
// that cannot be used is no error: the cache then does without an index.
func Open(c Config) (*Cache, error) {
	if c.Dir != "" && !filepath.IsAbs(c.Dir) {
		return nil, fmt.Errorf("state folder %q: the path is not absolute", c.Dir)
	}
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	life, stop := context.WithCancel(context.Background())
	cache := &Cache{store: c.Store, log: log, life: life, stop: stop, slots: map[string]*slot{}}
	if c.Dir != "" {
		cache.index = newIndex(c.Dir, log, cache.rows)
		for _, r := range cache.index.read() {
			cache.slots[r.ID] = r.slot(c.Store != nil)
		}
		cache.index.wrote = cache.named
		cache.wg.Go(func() { cache.index.loop.run(life) })
	}
	if c.Store != nil {
		cache.queue = newQueue(c.Store, log, cache.settled)
		cache.queue.loop.toldElsewhere = cache.tellAbsent
		cache.queue.before = cache.name
		for id, s := range cache.slots { // nobody else knows the cache yet
			if s.gone {
				cache.queue.remove(id, s.change)
			}
		}
		cache.wg.Go(func() {
			cache.queue.loop.run(life)
			cache.queue.end()
		})
	}
	return cache, nil
}

func (c *Cache) slotLocked(id string) *slot {
	s := c.slots[id]
	if s == nil {
		s = &slot{}
		c.slots[id] = s
	}
	return s
}

// Records returns every record, in the order of their IDs.
func (c *Cache) Records() []Record {
	c.mu.Lock()
	all := make([]Record, 0, len(c.slots))
	for _, s := range c.slots {
		if s.known {
			r := s.record.clone()
			r.Stored = s.stored
			all = append(all, r)
		}
	}
	c.mu.Unlock()
	slices.SortFunc(all, func(a, b Record) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// rows is what the index keeps: the records, and what is still to go.
func (c *Cache) rows() []row {
	c.mu.Lock()
	all := make([]row, 0, len(c.slots))
	for id, s := range c.slots {
		if s.known || s.gone {
			r := row{Record: Record{ID: id}, Gone: s.gone}
			if s.known {
				r.Record = s.record.clone()
			}
			r.Stored = s.stored
			all = append(all, r)
		}
	}
	c.mu.Unlock()
	slices.SortFunc(all, func(a, b row) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// named notes what the index on disk names.
func (c *Cache) named(rows []row) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range rows {
		if s := c.slots[r.ID]; s != nil {
			s.named = true
		}
	}
}

// name has the index name the sessions that are about to be stored. One that the
// store has and no index names would be there after a crash, and nobody who
// forgets all would know of it. A disk that is sick does not keep them out.
func (c *Cache) name(ctx context.Context, ids []string) {
	c.mu.Lock()
	unnamed := slices.ContainsFunc(ids, func(id string) bool {
		s := c.slots[id]
		return s != nil && s.known && !s.named
	})
	c.mu.Unlock()
	if !unnamed {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, nameWait)
	defer cancel()
	_ = c.index.flush(ctx) // the index's own loop tells of its trouble
}

// nameWait is the longest that the store waits for the index.
const nameWait = 2 * time.Second

// Update replaces the record with r's ID. The index on disk follows later, and
// later still when nothing but the uses changed.
func (c *Cache) Update(r Record) {
	r = r.clone()
	c.mu.Lock()
	s := c.slotLocked(r.ID)
	little := s.known && s.record.sameButUses(r)
	s.record, s.known = r, true
	c.mu.Unlock()
	if little {
		c.index.used()
	} else {
		c.index.changed()
	}
}

// Peek returns the session under id if memory holds it; it does no I/O.
func (c *Cache) Peek(id string) (credential.Session, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.slots[id]; s != nil && s.held {
		return s.session, true
	}
	return credential.Session{}, false
}

// Put publishes a session: memory holds it when Put returns, the store as soon
// as it can be written. Of two under one id the later is the one that stays.
func (c *Cache) Put(id string, session credential.Session) {
	c.mu.Lock()
	s := c.slotLocked(id)
	s.session, s.held, s.stored, s.absent = session, true, false, false
	s.change++
	// Queued under the lock, so that the queue's order is that of the calls.
	c.queue.put(id, s.change, session)
	c.mu.Unlock()
}

// Forget removes all there is under id: from memory and from the index at once,
// from the store before it returns. When the store is sick it returns why; the
// removal is then tried again until the store did it. The index remembers it, so
// that neither this cache nor one opened later serves the session from the store
// meanwhile. A store that is not there and never had the session is no reason.
func (c *Cache) Forget(ctx context.Context, id string) error {
	removed, stored, err := c.discard(id)
	if err != nil || removed == nil {
		return err
	}
	select {
	case err = <-removed:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err == nil || !stored && errors.Is(err, keychain.ErrAbsent) {
		return nil
	}
	return fmt.Errorf("forget a session: %w", err)
}

// Discard is Forget that does not wait for the store: it does no I/O. A Put
// that comes after it counts.
func (c *Cache) Discard(id string) { c.discard(id) }

// discard returns where the outcome is told, nil where there is no store, and
// whether that is known to have had the session.
func (c *Cache) discard(id string) (removed <-chan error, stored bool, err error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, false, errClosed
	}
	s := c.slotLocked(id)
	stored = s.stored
	*s = slot{change: s.change + 1, absent: true, gone: s.gone || c.store != nil, flight: s.flight}
	removed = c.queue.remove(id, s.change)
	c.mu.Unlock()
	c.index.urgent() // until it is on disk, a crash would bring the session back
	return removed, stored, nil
}

// Stored reports whether the store holds the session that memory holds, or,
// where memory holds none, one.
func (c *Cache) Stored(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slots[id]
	return s != nil && s.stored
}

// settled is the queue's word that the store has what that change left: the
// session, or nothing.
func (c *Cache) settled(id string, change int, stored bool) {
	c.mu.Lock()
	c.alone = false
	s := c.slots[id]
	current := s != nil && s.change == change
	went := current && s.gone
	if current {
		s.stored, s.gone = stored, false
	}
	c.mu.Unlock()
	switch {
	case went:
		c.index.urgent() // until it is on disk, a crash would take away what is put there next
	case current:
		c.index.changed()
	}
}

// Purge drops every secret from memory at once, those not yet stored too, and
// those that are just being read from the store.
func (c *Cache) Purge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.purges++
	c.queue.drop()
	for _, s := range c.slots {
		s.session, s.held = credential.Session{}, false
	}
}

// Flush tries everything that is pending now, however lately it went wrong, and
// returns when it is done or why it is not.
func (c *Cache) Flush(ctx context.Context) error {
	err := c.queue.flush(ctx)
	if indexed := c.index.flush(ctx); err == nil { // in the queue's wake: it says what is stored
		err = indexed
	}
	return err
}

// closeGrace is for what runs in the background to notice that it is over.
const closeGrace = time.Second

// Close does what Flush does, then ends what runs in the background and waits
// for it, a moment longer than ctx where a disk or a store does not let go.
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
