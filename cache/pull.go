package cache

import (
	"slices"
	"strings"
)

// rows returns the rows of the index: the records, and the pending deletions.
func (c *Cache) rows() []row {
	c.mu.Lock()
	records := c.records
	c.mu.Unlock()
	known := records()
	all := make([]row, 0, len(known))
	deletions := make(map[string]bool)
	c.mu.Lock()
	for id, s := range c.slots {
		if s.state.gone() {
			deletions[id] = true
		}
	}
	for _, r := range known {
		r.Stored = c.storedLocked(r.ID)
		r.Query.Environment = nil // it has secrets, and a later daemon cannot use it
		all = append(all, row{Record: r, Gone: deletions[r.ID]})
		delete(deletions, r.ID)
	}
	c.mu.Unlock()
	for id := range deletions {
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
