package cache

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"understudy/internal/keychain"
	"understudy/internal/writebehind"
)

// Config says where a Cache stores sessions and the index.
type Config struct {
	Store keychain.Store // nil means that sessions are not stored
	Dir   string         // the state folder, absolute, for the index; "" means no index
	Log   *slog.Logger   // nil means discard
}

// Open reads the index and returns a Cache. A folder that cannot be used is not an
// error: it is logged, and the index is kept in memory only.
func Open(c Config) (*Cache, error) {
	if c.Dir != "" && !filepath.IsAbs(c.Dir) {
		return nil, fmt.Errorf("state folder %q: the path is not absolute", c.Dir)
	}
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	life, stop := context.WithCancel(context.Background())
	cache := &Cache{store: c.Store, log: log, life: life, stop: stop, slots: map[string]*slot{}, named: map[string]struct{}{}}
	var last []Record
	if c.Dir != "" {
		cache.index = newIndex(c.Dir, log, cache.rows)
		for _, r := range cache.index.read() {
			if s := slotOf(r, c.Store != nil); s != nil {
				cache.slots[r.ID] = s
			}
			if r.hasRecord() {
				last = append(last, r.Record)
				cache.named[r.ID] = struct{}{}
			}
		}
		if c.Store != nil { // else no session is stored, so none must be named first
			cache.index.wrote = cache.indexed
		}
	}
	cache.records = func() []Record { return last }
	if c.Store != nil {
		cache.writes = writebehind.New(writebehind.Config{
			Name: "cache: the store", Pass: cache.write, Longest: longestWait, Log: log, Logged: cache.logNoStore,
		})
		for id, s := range cache.slots {
			if s.state.pending() {
				cache.order = append(cache.order, id)
			}
		}
		if len(cache.order) > 0 {
			cache.writes.Changed()
		}
	}
	if cache.index != nil {
		cache.wg.Go(func() { cache.index.loop.Run(life) })
	}
	if cache.writes != nil {
		cache.wg.Go(func() { cache.writes.Run(life) })
	}
	return cache, nil
}
