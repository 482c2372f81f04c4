package cache

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

// hasRecord reports whether the row has a record. One that names no profile is there
// for Gone alone.
func (r row) hasRecord() bool { return r.Profiles != nil || !r.Gone }

// slotOf returns what r says about the store; nil if it says nothing.
func slotOf(r row, store bool) *slot {
	switch {
	case r.Gone:
		return &slot{state: deleting}
	case r.Stored && store:
		return &slot{state: stored}
	}
	return nil
}
