package awsconfig

// Settled holds the new text against the old. It returns the line of the old one
// that would be read otherwise because of a change elsewhere, 0 when there is
// none: what is indented below a line that went or came may become more of
// another value, or a key of its own.
func (d *Draft) Settled() int {
	s := newScanner(d.Text(), d.grammar)
	for _, l := range d.lines {
		if !l.gone {
			now, ok := s.next()
			if !ok || !l.readAs(now) {
				return l.number
			}
		}
		for range l.below {
			if now, ok := s.next(); !ok || now.kind != pair {
				return l.number
			}
		}
	}
	if _, more := s.next(); more {
		return len(d.lines)
	}
	return 0
}

// readAs reports whether now is what l was to become.
func (l draftLine) readAs(now line) bool {
	key, value := l.line.key, l.line.value
	if l.key != "" {
		key = l.key
	}
	if l.value != "" {
		value = l.value
	}
	return now.kind == l.kind && now.key == key && now.value == value &&
		now.header.kind == l.header.kind && now.header.name == l.header.name
}
