package cache

// row is what the index keeps of one ID: its record, and whether what the store
// has under it is still to go. A removal that the store could not do has to
// outlive the process; else a session that was forgotten or denied while the
// keychain was sick would be served again after the next start.
//
// Builds that do not know Gone read a row as the record of a session that is
// not stored.
type row struct {
	Record
	Gone bool `json:"gone,omitempty"`
}

// slot is what a cache that has just been opened knows from r. A row that names
// no profile is there for Gone alone.
func (r row) slot(store bool) *slot {
	return &slot{
		record: r.Record, known: r.Profiles != nil || !r.Gone,
		stored: r.Stored && store && !r.Gone,
		gone:   r.Gone,
		named:  true,
	}
}
