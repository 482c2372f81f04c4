package cache

import (
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
)

// broker is a Cache with an owner of the records, in place of daemon/session.
type broker struct {
	*Cache
	mu      sync.Mutex
	records map[string]Record
}

func open(t *testing.T, c Config) *broker {
	t.Helper()
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	cache, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{Cache: cache, records: map[string]Record{}}
	for _, r := range cache.Records() {
		b.records[r.ID] = r
	}
	cache.Pull(b.all)
	t.Cleanup(func() { shut(t, b) })
	return b
}

func (b *broker) all() []Record {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.records))
}

// Update replaces the record with r's ID.
func (b *broker) Update(r Record) {
	b.mu.Lock()
	before, known := b.records[r.ID]
	b.records[r.ID] = r
	b.mu.Unlock()
	before.Uses, before.LastUsedAt, before.Stored = r.Uses, r.LastUsedAt, r.Stored
	if known && reflect.DeepEqual(before, r) {
		b.Used()
	} else {
		b.Changed()
	}
}

// Forget drops the record and deletes the session.
func (b *broker) Forget(id string) {
	b.mu.Lock()
	delete(b.records, id)
	b.mu.Unlock()
	b.Delete(id)
}
