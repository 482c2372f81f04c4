package cache

import (
	"slices"
	"strings"
)

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
	named := make(map[string]struct{}, len(rows))
	for _, r := range rows {
		if r.hasRecord() {
			named[r.ID] = struct{}{}
		}
	}
	c.mu.Lock()
	c.named = named
	c.mu.Unlock()
}
