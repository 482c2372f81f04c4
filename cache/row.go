package cache

// row is the index entry of one ID: its record, and whether a deletion from the store
// is pending. A pending deletion must outlive the process: else a session that was
// forgotten or denied while the keychain failed would be served again after a restart.
//
// Builds that do not know Gone read the row as the record of a session that is not
// stored.
type row struct {
	Record
	Gone bool `json:"gone,omitempty"`
}

// hasRecord reports whether the row has a record. A row with Gone and without profiles
// is a pending deletion only.
func (r row) hasRecord() bool { return r.Profiles != nil || !r.Gone }

// slotOf returns the slot for r; nil if r says nothing about the store.
func slotOf(r row, store bool) *slot {
	switch {
	case r.Gone:
		return &slot{state: deleting}
	case r.Stored && store:
		return &slot{state: stored}
	}
	return nil
}
