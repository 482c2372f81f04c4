package awsconfig

import "strings"

// entry is one key of a section, with what it says.
type entry struct {
	Value
	nested map[string]*entry // its block, by key in small letters
}

// readSection reads all sections of a kind and name as one. A key that occurs again
// replaces the one before, with its block.
func (t *text) readSection(k headKind, name string) map[string]*entry {
	entries := map[string]*entry{}
	for i := range t.all(k, name) {
		at := t.sections[i]
		s := scanFrom(t.src, t.grammar, int(at.start), int(at.line))
		s.next() // the header
		var above *entry
		var more []string // lines that continue above
		join := func() {
			if more != nil {
				above.Text += "\n" + strings.Join(more, "\n")
				more = nil
			}
		}
		for l, ok := s.next(); ok && l.kind != head; l, ok = s.next() {
			// A part of the file's text would keep all of it in memory.
			v := Value{Text: strings.Clone(l.value), Key: strings.Clone(l.key), File: t.path, Line: l.number}
			switch l.kind {
			case pair:
				join()
				above = &entry{Value: v}
				entries[strings.ToLower(v.Key)] = above
			case nested:
				if above.nested == nil {
					above.nested = map[string]*entry{}
				}
				above.nested[strings.ToLower(v.Key)] = &entry{Value: v}
			case continuation:
				more = append(more, l.value)
			}
		}
		join()
	}
	return entries
}
