package prompt

import "time"

// Reach says how a Visit about this would reach a person. With here a browser of
// this machine opens the page, so that it may lead back to this machine; else it
// is shown in terminals, and the browser may be anywhere. The error is what Ask
// would say at once: ErrClosed or ErrNobody.
func (d *Desk) Reach(about string) (here bool, err error) {
	d.mu.Lock()
	m := d.matterLocked(about)
	err = d.refusalLocked(m)
	here = !m.elsewhere()
	d.mu.Unlock()
	desktop := d.cfg.Mode == Auto || d.cfg.Mode == GUI
	return here && desktop && d.cfg.Browse != nil && (d.cfg.Screen == nil || d.cfg.Screen()), err
}

// refusalLocked is why no question about m may be opened now. d.mu must be held.
func (d *Desk) refusalLocked(m *matter) error {
	switch {
	case !m.closedAt.IsZero() && time.Since(m.closedAt) < refusalMemory:
		return ErrClosed
	case d.cfg.Mode == None && !m.bidden():
		return ErrNobody
	}
	return nil
}

// Closed says that a person turned a question about this down where the desk
// does not see it: it is not opened again for a while.
func (d *Desk) Closed(about string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.matterLocked(about).closedAt = time.Now()
}

// Elsewhere says that the person's browser is not on this machine. A Visit that
// only a browser of this machine can end is taken back with ErrElsewhere.
func (s *Seat) Elsewhere() {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	s.elsewhere = true
	for _, a := range s.about {
		if o := d.matters[a].open; o != nil && o.here() {
			o.settle(Answer{}, ErrElsewhere)
		}
	}
}

// elsewhere reports whether somebody in line has the browser on another machine.
func (m *matter) elsewhere() bool {
	for _, s := range m.line {
		if s.elsewhere {
			return true
		}
	}
	return false
}

// here reports whether q is a page that leads back to this machine.
func (q *asking) here() bool { return q.Kind == Visit && q.UserCode == "" }
