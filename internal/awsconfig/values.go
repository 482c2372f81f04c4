package awsconfig

import (
	"fmt"
	"strings"

	"gopkg.in/ini.v1"
)

// entry is one key of a section, with what it says.
type entry struct {
	Value
	nested map[string]*entry // its block, by key in small letters
	more   []string          // the lines that continue it
}

// readSection reads every section of a kind and name as one. A key that stands
// again replaces the one before, block and all.
func (t *text) readSection(k headKind, name string) (map[string]*entry, error) {
	entries := map[string]*entry{}
	var blocks []*entry
	for i := range t.all(k, name) {
		at := t.sections[i]
		s := scanFrom(t.src, t.grammar, int(at.start), int(at.line))
		s.next() // the header
		var above *entry
		for l, ok := s.next(); ok && l.kind != head; l, ok = s.next() {
			// A part of the file's text would keep all of it in memory.
			v := Value{Text: l.value, Key: strings.Clone(l.key), File: t.path, Line: l.number}
			switch l.kind {
			case pair:
				above = &entry{Value: v}
				entries[strings.ToLower(v.Key)] = above
			case nested:
				if above.nested == nil {
					above.nested = map[string]*entry{}
					blocks = append(blocks, above)
				}
				above.nested[strings.ToLower(v.Key)] = &entry{Value: v}
			case continuation:
				above.more = append(above.more, l.value)
			}
		}
	}
	if err := readValues(entries); err != nil {
		return nil, err
	}
	for _, b := range blocks {
		if err := readValues(b.nested); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// maxKeys is how many keys go to ini.v1 at once: it looks a new key up in a
// list, so that a section of a hundred thousand would take it minutes.
const maxKeys = 24

// readValues has ini.v1 read what the lines of entries say.
func readValues(entries map[string]*entry) error {
	group := make([]*entry, 0, min(len(entries), maxKeys))
	for _, e := range entries {
		if group = append(group, e); len(group) < maxKeys {
			continue
		}
		if err := readGroup(group); err != nil {
			return err
		}
		group = group[:0]
	}
	return readGroup(group)
}

const valuesSection = "values"

// readGroup renders one line a key, since ini.v1 lets no option keep it from
// reading on over lines after a backtick, three quotes or an empty value. The
// second = before each value keeps it from taking a backtick or quotes for its
// own. What an SDK keeps (%(x)s, a trailing \, #) is kept by the options and
// by Value, which expands nothing.
func readGroup(group []*entry) error {
	var b strings.Builder
	b.WriteString("[" + valuesSection + "]\n")
	for _, e := range group {
		b.WriteString(e.Key + "==" + e.Text + "\n")
	}
	f, err := ini.LoadSources(ini.LoadOptions{
		InsensitiveKeys:         true,
		IgnoreContinuation:      true,
		IgnoreInlineComment:     true, // the scanner has cut it off
		PreserveSurroundedQuote: true,
		KeyValueDelimiters:      "=",
		ChildSectionDelimiter:   "\x00", // no name holds one: [a.b] inherits nothing
	}, []byte(b.String()))
	if err != nil {
		return fmt.Errorf("%s: not read as key = value", group[0].At())
	}
	section := f.Section(valuesSection)
	for _, e := range group {
		key, err := section.GetKey(e.Key)
		if err != nil {
			return fmt.Errorf("%s: not read as key = value", e.At())
		}
		e.Text = strings.TrimSpace(strings.TrimPrefix(key.Value(), "="))
		if len(e.more) > 0 {
			e.Text += "\n" + strings.Join(e.more, "\n")
			e.more = nil
		}
	}
	return nil
}
