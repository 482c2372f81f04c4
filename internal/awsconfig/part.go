package awsconfig

import (
	"fmt"
	"strings"
)

// Part is one section of a profile: where its header stands and what it says.
type Part struct {
	Line  int // of the header, from 1
	Pairs []Pair
	// Indent is the white space in front of the first line below the header that
	// is neither blank nor a comment: a line put above it has to have the same,
	// or some readers take the one below for more of it.
	Indent string
	// Header is what stands between its brackets, as it is written.
	Header string
	// Spill are the keys below headers further down that some SDK takes for no
	// header, and so for keys of this section.
	Spill []Pair
}

// Format keeps the values out of anything printed.
func (p Part) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%d keys below line %d", len(p.Pairs), p.Line)
}

// Pair is one key of a section.
type Pair struct {
	Key  string // as it is written
	Line int    // from 1
	Last int    // the last line of the block or the continuation below it; Line where there is none
	// Indent is the white space in front of the key.
	Indent string

	value string // of its line alone: may be a secret
}

// Format keeps the value out of anything printed.
func (p Pair) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%s in line %d", p.Key, p.Line) }

// Value is what the pair's own line says. It may be a secret.
func (p Pair) Value() string { return p.value }

// Parts returns the sections of a profile in the order of the file. [default]
// of the config file counts for none where [profile default] stands beside it.
func (d *Draft) Parts(profile string) []Part {
	var parts, plain []Part
	for _, i := range d.heads[profile] {
		if d.lines[i].header.kind == defaultHead {
			plain = append(plain, d.part(i))
		} else {
			parts = append(parts, d.part(i))
		}
	}
	if len(parts) == 0 {
		return plain
	}
	return parts
}

func (d *Draft) part(header int) Part {
	p := Part{Line: d.lines[header].number}
	p.Header, _, _ = brackets(d.text(d.lines[header].line))
	empty := true
	for i, l := range d.lines[header+1:] {
		if l.section != header {
			p.Spill = d.spill(header + 1 + i)
			break
		}
		raw := d.src[l.start:l.end]
		indent := raw[:len(raw)-len(strings.TrimLeft(raw, " \t"))]
		if empty && l.kind != blank && l.kind != comment {
			p.Indent, empty = indent, false
		}
		switch l.kind {
		case pair:
			p.Pairs = append(p.Pairs, Pair{Key: l.line.key, Line: l.number, Last: l.number, Indent: indent, value: l.line.value})
		case nested, continuation:
			p.Pairs[len(p.Pairs)-1].Last = l.number
		}
	}
	return p
}

// BesideDefault returns the line of a [default] of the config file that counts for
// nothing because [profile default] stands beside it; 0 when there is none.
func (d *Draft) BesideDefault() int {
	plain, prefixed := 0, false
	for _, i := range d.heads["default"] {
		if l := d.lines[i]; l.header.kind == defaultHead {
			plain = l.number
		} else {
			prefixed = true
		}
	}
	if !prefixed {
		return 0
	}
	return plain
}
