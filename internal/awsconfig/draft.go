package awsconfig

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Draft is one of the two files on its way to another text. Lines are put in,
// taken out, or have their key renamed; every byte of the others stays as it is.
// Lines are named by their number in the text that the draft began with.
type Draft struct {
	path    string
	grammar grammar
	src     string // holds secrets: never printed
	lines   []draftLine
	heads   map[string][]int // indices of the headers' lines, by profile
	eol     string           // of the lines that are put in
}

// draftLine is a line of the text and what is to become of it.
type draftLine struct {
	line
	section int // index of the line of the header above, -1 above the first

	gone  bool
	key   string   // in place of the line's, "" for as it is
	value string   // in place of the line's, with key
	below []string // lines to stand below it, without their end
}

// DraftConfig begins with the text of the config file at path.
func DraftConfig(path, text string) *Draft { return newDraft(path, text, configFile) }

// DraftCredentials begins with the text of the credentials file at path.
func DraftCredentials(path, text string) *Draft { return newDraft(path, text, credentialsFile) }

func newDraft(path, text string, g grammar) *Draft {
	d := &Draft{path: path, grammar: g, src: text, heads: map[string][]int{}, eol: "\n"}
	above := -1
	s := newScanner(text, g)
	for l, ok := s.next(); ok; l, ok = s.next() {
		if l.kind == head {
			above = len(d.lines)
			if k := l.header.kind; k == profileHead || k == defaultHead {
				d.heads[l.header.name] = append(d.heads[l.header.name], above)
			}
		}
		if len(d.lines) == 0 && l.eol != "" {
			d.eol = l.eol
		}
		d.lines = append(d.lines, draftLine{line: l, section: above})
	}
	return d
}

// Format keeps the text out of anything printed.
func (d Draft) Format(f fmt.State, _ rune) { fmt.Fprint(f, d.path) }

// Path is the file that the draft is of.
func (d *Draft) Path() string { return d.path }

// At is where a line stands, "file:line".
func (d *Draft) At(line int) string { return at(d.path, line) }

// Rename gives the pair on a line another key, and leaves the rest of the line.
func (d *Draft) Rename(line int, key string) { d.lines[line-1].key = key }

// Rewrite makes the pair on a line say something else, at its indentation. A
// comment behind the value goes with it.
func (d *Draft) Rewrite(line int, key, value string) {
	d.lines[line-1].key, d.lines[line-1].value = key, value
}

// Remove takes out the lines from first to last.
func (d *Draft) Remove(first, last int) {
	for i := first; i <= last; i++ {
		d.lines[i-1].gone = true
	}
}

// Insert puts lines below a line, in the order of the calls.
func (d *Draft) Insert(below int, lines ...string) {
	l := &d.lines[below-1]
	l.below = append(l.below, lines...)
}

// Changed reports whether Text is another than the draft began with.
func (d *Draft) Changed() bool {
	return slices.ContainsFunc(d.lines, func(l draftLine) bool { return l.gone || l.key != "" || len(l.below) > 0 })
}

// Text is the text with every change made. Lines put in end as those of the
// file do. Where the last line had no end the last line of the new text has none
// either.
func (d *Draft) Text() string {
	var b strings.Builder
	b.Grow(len(d.src) + 512)
	if strings.HasPrefix(d.src, bom) {
		b.WriteString(bom)
	}
	open := true // the last line written has its end
	put := func(text, eol string) {
		if !open {
			b.WriteString(d.eol)
		}
		b.WriteString(text + eol)
		open = eol != ""
	}
	for i, l := range d.lines {
		if !l.gone {
			put(d.changed(l), l.eol)
		}
		for _, text := range l.below {
			eol := cmp.Or(l.eol, d.eol)
			if i == len(d.lines)-1 && l.eol == "" {
				eol = ""
			}
			put(text, eol)
		}
	}
	if n := len(d.lines); n > 0 && d.lines[n-1].eol == "" && open {
		return cutEOL(b.String())
	}
	return b.String()
}

func cutEOL(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r") }

// changed is the line with its key or its value changed.
func (d *Draft) changed(l draftLine) string {
	raw := d.src[l.start:l.end]
	if l.key == "" {
		return raw
	}
	indent := len(raw) - len(strings.TrimLeftFunc(raw, unicode.IsSpace))
	if l.value != "" {
		return raw[:indent] + l.key + " = " + l.value
	}
	return raw[:indent] + l.key + raw[indent+len(l.line.key):]
}
