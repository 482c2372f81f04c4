package cache

import "understudy/internal/credential"

// state is what the store has under one ID, as far as the cache knows, and what
// is to be done about it. It is one value, so that no two facts can disagree.
type state uint8

const (
	unread    state = iota // not known: the store has not answered yet
	absent                 // nothing
	writing                // anything or nothing, and a session waits to be written over it
	stored                 // the session that the broker has
	deleting               // perhaps an item, which must not be served; to be deleted
	replacing              // as deleting, and a session waits to be written over it
	newer                  // an item of a newer version, which is left as it is
)

// pending reports whether the store has to be called.
func (s state) pending() bool { return s.writes() || s == deleting }

// writes reports whether a session waits to be written.
func (s state) writes() bool { return s == writing || s == replacing }

// gone reports whether what the store has must not be served.
func (s state) gone() bool { return s == deleting || s == replacing }

// slot is all that the cache knows under one ID.
type slot struct {
	state   state
	checked bool                // the store itself has said that the item, if any, is not a newer version's
	session *credential.Session // what waits to be written; nil unless state.writes
}

// put has session written, except over an item of a newer version.
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

// delete has the item deleted, and drops the session that waits.
func (s *slot) delete() { s.state, s.session = deleting, nil }

// purge drops the session that waits. What it was to replace is still deleted.
func (s *slot) purge() {
	switch s.state {
	case writing:
		s.state = unread
	case replacing:
		s.state = deleting
	}
	s.session = nil
}

// unusable records that the item which was read is damaged or foreign.
func (s *slot) unusable() {
	s.checked = true
	if s.state == stored {
		s.state = unread
	}
}

// loaded records what the store answered to a read.
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

// written records that the store has session. If another session waits, or a
// delete, that is still to be done.
func (s *slot) written(session *credential.Session) {
	s.checked = true
	switch {
	case s.session == session && s.state.writes():
		s.state, s.session = stored, nil
	case s.state == unread: // purged during the write
		s.state = stored
	}
}

// deleted records that the store has nothing.
func (s *slot) deleted() {
	switch s.state {
	case deleting:
		s.state = absent
	case replacing:
		s.state = writing
	}
}

// leave keeps the item of a newer version as it is, unless it is to be deleted.
func (s *slot) leave() {
	if !s.state.gone() {
		s.state, s.session = newer, nil
	}
}
