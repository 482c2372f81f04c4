package cache

import "understudy/internal/credential"

// state is what the cache knows about the store's item under one ID, and what must be
// done with it. It is one value, so that it cannot contradict itself.
type state uint8

const (
	unread    state = iota // unknown: the item was not read yet
	absent                 // there is no item
	writing                // unknown, and a session waits to be written
	stored                 // the item is the broker's session
	deleting               // if there is an item, it must not be served, and will be deleted
	replacing              // like deleting, but a session waits to be written over it
	newer                  // the item is of a newer version and is left as it is
)

// pending reports whether a write or a deletion must be done.
func (s state) pending() bool { return s.writes() || s == deleting }

// writes reports whether a session waits to be written.
func (s state) writes() bool { return s == writing || s == replacing }

// gone reports whether the store's item must not be served.
func (s state) gone() bool { return s == deleting || s == replacing }

// slot is the state of one ID in the cache.
type slot struct {
	state   state
	checked bool                // the item was read or written: it is not a newer version's
	session *credential.Session // waits to be written; nil unless state.writes
}

// put schedules a write of session, except over an item of a newer version.
func (s *slot) put(session *credential.Session) {
	switch s.state {
	case newer:
		return
	case unread, absent, stored:
		s.state = writing
	case deleting:
		s.state = replacing
	}
	s.session = session
}

// delete schedules a deletion, and drops a session that waits to be written.
func (s *slot) delete() { s.state, s.session = deleting, nil }

// purge drops a session that waits to be written. A deletion that it had replaced is
// done.
func (s *slot) purge() {
	switch s.state {
	case writing:
		s.state = unread
	case replacing:
		s.state = deleting
	}
	s.session = nil
}

// unusable records that the item was read and is damaged or foreign.
func (s *slot) unusable() {
	s.checked = true
	if s.state == stored {
		s.state = unread
	}
}

// loaded records the result of a read without an error.
func (s *slot) loaded(ok bool) {
	s.checked = true
	switch {
	case s.state != unread && s.state != stored: // it changed during the read
	case ok:
		s.state = stored
	default:
		s.state = absent
	}
}

// written records that the store has session. A later session or deletion stays
// pending.
func (s *slot) written(session *credential.Session) {
	s.checked = true
	switch {
	case s.session == session && s.state.writes():
		s.state, s.session = stored, nil
	case s.state == unread: // purged during the write
		s.state = stored
	}
}

// deleted records that the store has deleted the item.
func (s *slot) deleted() {
	switch s.state {
	case deleting:
		s.state = absent
	case replacing:
		s.state = writing
	}
}

// leave records that the item is of a newer version and stays as it is, unless it
// must be deleted.
func (s *slot) leave() {
	if !s.state.gone() {
		s.state, s.session = newer, nil
	}
}
