package prompt

import (
	"cmp"
	"slices"
	"time"
)

// Seat is the place of one caller among those who wait for an answer. The first
// in line whose terminal can be asked is; when it leaves, the next.
type Seat struct {
	desk   *Desk
	about  []string
	bidden bool          // the person asked to be asked
	poke   chan struct{} // something may have changed
	passed bool          // no terminal there; under desk.mu

	elsewhere bool // the browser is on another machine; under desk.mu
}

// View is what a caller sees of the question that it waits for.
type View struct {
	Question Question
	ID       string // empty when no question is open
	// Mine says that this caller's terminal is to be asked.
	Mine bool
	// Lonely says that nobody is being asked and that no caller has a terminal.
	Lonely bool
}

// Sit joins the callers that wait for answers about these. bidden says that a
// person is at this one's terminal and wants to be asked, whatever the settings
// say and whoever else is; it lifts the memory of a question that was closed.
// The caller must Leave.
func (d *Desk) Sit(about []string, bidden bool) *Seat {
	s := &Seat{desk: d, about: about, bidden: bidden, poke: make(chan struct{}, 1)}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range about {
		m := d.matterLocked(a)
		m.line = append(m.line, s)
		if bidden {
			m.closedAt = time.Time{}
		}
		d.offerLocked(m)
	}
	s.wake()
	return s
}

// Changed yields when there may be something new to see; a nil Seat's never
// does.
func (s *Seat) Changed() <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.poke
}

// Look returns what is open now.
func (s *Seat) Look() View {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range s.about {
		m := d.matters[a]
		if m == nil || m.open == nil {
			continue
		}
		o := m.open
		return View{
			Question: o.Question, ID: o.id,
			Mine: !s.passed && (o.holder == s || s.bidden && o.Instead == nil),
			Lonely: !o.shown && o.holder == nil && time.Since(o.opened) >= d.cfg.Grace &&
				!slices.ContainsFunc(m.line, func(s *Seat) bool { return !s.passed && (o.tty || s.bidden) }),
		}
	}
	return View{}
}

// Answer gives the answer to the question with that ID; one to a question that
// is no longer open is nobody's. For a Visit it says that the page is shown.
func (s *Seat) Answer(id string, a Answer) {
	s.to(id, func(o *asking) {
		switch {
		case o.Kind == Code:
			o.settle(a, nil)
		case o.Shown != nil:
			o.Shown()
		}
	})
}

// Refuse closes the question with that ID: the person does not want to answer.
func (s *Seat) Refuse(id string) {
	s.to(id, func(o *asking) { o.settle(Answer{}, ErrClosed) })
}

func (s *Seat) to(id string, f func(*asking)) {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range s.about {
		if m := d.matters[a]; m != nil && m.open != nil && m.open.id == id {
			f(m.open)
		}
	}
}

// Pass says that this caller has no terminal: it goes on waiting, and another is
// asked.
func (s *Seat) Pass() { s.yield(false) }

// Leave ends the seat.
func (s *Seat) Leave() { s.yield(true) }

func (s *Seat) yield(leave bool) {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	s.passed = true
	for _, a := range s.about {
		m := d.matters[a]
		if leave {
			m.line = slices.DeleteFunc(m.line, func(other *Seat) bool { return other == s })
		}
		if o := m.open; o != nil && o.holder == s {
			o.holder = nil
		}
		if d.offerLocked(m); m.open != nil && m.open.holder == nil {
			m.pokeLocked() // it may be lonely now
		}
	}
	s.wake()
}

// offerLocked gives the open question to the first terminal in line. d.mu must
// be held.
func (d *Desk) offerLocked(m *matter) {
	o := m.open
	if o == nil || o.shown || !o.tty || o.holder != nil {
		return
	}
	for _, s := range m.line {
		if !s.passed {
			o.holder = s
			s.wake()
			return
		}
	}
}

// bidden reports whether somebody in line asked to be asked.
func (m *matter) bidden() bool {
	return slices.ContainsFunc(m.line, func(s *Seat) bool { return s.bidden && !s.passed })
}

func (m *matter) pokeLocked() {
	for _, s := range m.line {
		s.wake()
	}
}

func (d *Desk) poke(m *matter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m.pokeLocked()
}

func (s *Seat) wake() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

func (d *Desk) openLocked() []string {
	var all []*asking
	for _, m := range d.matters {
		if m.open != nil {
			all = append(all, m.open)
		}
	}
	slices.SortFunc(all, func(a, b *asking) int { return cmp.Compare(a.opened.UnixNano(), b.opened.UnixNano()) })
	var about []string
	for _, o := range all {
		about = append(about, o.About)
	}
	return about
}
