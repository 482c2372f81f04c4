package awsconfig

import "strings"

// spill returns the keys below the header at index i, and below those that
// follow, as long as some SDK takes each for no header and gives its keys to the
// section above: the Go SDK one that is broken or has a # in its name, the
// JavaScript SDK one with a comment right behind its bracket.
func (d *Draft) spill(i int) (all []Pair) {
	for ; i < len(d.lines); i++ {
		l := d.lines[i].line
		if l.kind == head && !d.overlooked(l) {
			break
		}
		if l.kind != pair && l.kind != dropped {
			continue
		}
		if key, value, _, ok := split(cutComment(d.text(l))); ok {
			all = append(all, Pair{Key: key, Line: l.number, Last: l.number, value: value})
		}
	}
	return all
}

func (d *Draft) overlooked(l line) bool {
	if l.header.kind == brokenHead || l.header.note == noteHashInName {
		return true
	}
	inner, behind, ok := brackets(d.text(l))
	return ok && behind != "" && d.text(l)[len("[")+len(inner)+len("]")] == behind[0]
}

// text is a line without the blanks around it.
func (d *Draft) text(l line) string { return strings.TrimSpace(d.src[l.start:l.end]) }
