package cache

import (
	"slices"
	"strings"
)

// row is what the index keeps under one ID: its record, and whether the store's
// item is still to be deleted. A deletion that the store could not do has to
// outlive the process; else a session that was forgotten or denied while the
// keychain failed would be served again after the next start.
//
// Builds that do not know Gone read a row as the record of a session that is
// not stored.
type row struct {
	Record
	Gone bool `json:"gone,omitempty"`
}

// named reports whether the row has a record. One that names no profile is there
// for Gone alone.
func (r row) named() bool { return r.Profiles != nil || !r.Gone }

// slotOf returns what r says about the store.
func slotOf(r row, store bool) *slot {
	s := &slot{indexed: true}
	switch {
	case r.Gone:
		s.state = deleting
	case r.Stored && store:
		s.state = stored
	}
	return s
}

// rows returns what the index holds: the records, and what is to be deleted.
func (c *Cache) rows() []row {
	c.mu.Lock()
	records := c.records
	c.mu.Unlock()
	known := records()
	all := make([]row, 0, len(known))
	have := make(map[string]bool)
	c.mu.Lock()
	for id, s := range c.slots {
		if s.state.gone() {
			have[id] = true
		}
	}
	for _, r := range known {
		r.Stored = c.storedLocked(r.ID)
		r.Query.Environment = nil // secrets, and of no use to a later daemon
		all = append(all, row{Record: r, Gone: have[r.ID]})
		delete(have, r.ID)
	}
	c.mu.Unlock()
	for id := range have {
		all = append(all, row{Record: Record{ID: id}, Gone: true})
	}
	slices.SortFunc(all, func(a, b row) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// indexed records that the index on disk has these rows.
func (c *Cache) indexed(rows []row) {
	if c.store == nil {
		return // nothing will be stored
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range rows {
		c.slotLocked(r.ID).indexed = true
	}
}
