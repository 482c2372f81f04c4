package awsconfig

import (
	"fmt"
	"slices"
	"strings"
)

// around is how many lines that stay are shown on either side of a change.
const around = 3

// Diff shows the change as a unified diff, for people: what may be a secret is
// left out of it. It is empty when nothing changes.
func (d *Draft) Diff() string {
	var rows []row
	secrets := d.secrets()
	shown := func(l line, text string) string {
		text = d.shown(l, text)
		if slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(text, s) }) {
			return withheld
		}
		return text
	}
	for _, l := range d.lines {
		old := shown(l.line, d.src[l.start:l.end])
		switch {
		case l.gone:
			rows = append(rows, row{'-', old})
		case l.key != "":
			rows = append(rows, row{'-', old}, row{'+', shown(l.line, d.changed(l))})
		default:
			rows = append(rows, row{' ', old})
		}
		for _, text := range l.below {
			rows = append(rows, row{'+', shown(line{kind: pair, key: keyOf(text)}, text)})
		}
	}
	gather(rows)
	var b strings.Builder
	for from, to := range hunks(rows) {
		if b.Len() == 0 {
			fmt.Fprintf(&b, "--- %s\n+++ %s\n", d.path, d.path)
		}
		writeHunk(&b, rows, from, to)
	}
	return b.String()
}

// row is one line of a diff.
type row struct {
	mark byte // ' ', '-' or '+'
	text string
}

// gather puts what goes before what comes wherever lines change that stand
// together.
func gather(rows []row) {
	for from := 0; from < len(rows); {
		to := from
		for to < len(rows) && rows[to].mark != ' ' {
			to++
		}
		slices.SortStableFunc(rows[from:to], func(a, b row) int { return int(b.mark) - int(a.mark) }) // '-' is above '+'
		from = to + 1
	}
}

// hunks yields the parts of rows that are shown: every change with its context,
// and those that touch as one.
func hunks(rows []row) func(yield func(from, to int) bool) {
	return func(yield func(int, int) bool) {
		from, to := -1, -1
		for i, r := range rows {
			if r.mark == ' ' {
				continue
			}
			if from >= 0 && i-around > to {
				if !yield(from, to) {
					return
				}
				from = -1
			}
			if from < 0 {
				from = max(0, i-around)
			}
			to = min(len(rows), i+1+around)
		}
		if from >= 0 {
			yield(from, to)
		}
	}
}

func writeHunk(b *strings.Builder, rows []row, from, to int) {
	count := func(rows []row, not byte) (n int) {
		for _, r := range rows {
			if r.mark != not {
				n++
			}
		}
		return n
	}
	was, is := count(rows[:from], '+'), count(rows[:from], '-')
	wasLines, isLines := count(rows[from:to], '+'), count(rows[from:to], '-')
	fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", was+1, wasLines, is+1, isLines)
	for _, r := range rows[from:to] {
		b.WriteString(string(r.mark) + r.text + "\n")
	}
}

func keyOf(text string) string {
	key, _, _, _ := split(strings.TrimSpace(text))
	return key
}

const withheld = "..."

// shortest is how long a value is at least that is looked for in other lines: a
// shorter one is a part of many words, and no key.
const shortest = 8

// secrets are the values that are left out wherever they stand: people leave
// copies of a key in comments, and some in the name of a section.
func (d *Draft) secrets() (all []string) {
	for _, l := range d.lines {
		if (l.kind == pair || l.kind == nested) && len(l.line.value) >= shortest && secretive(l.line.key) {
			all = append(all, l.line.value)
		}
	}
	return all
}

// shown is a line without what may be a secret in it: the value of a key that
// sounds like one, and every line that nobody can say what it holds.
func (d *Draft) shown(l line, text string) string {
	switch l.kind {
	case blank, head:
		return text
	case pair, nested:
		if !secretive(l.key) {
			return text
		}
	case comment:
		if !secretive(text) {
			return text
		}
	default:
		return withheld
	}
	if i := strings.IndexAny(text, "=:"); i >= 0 {
		return text[:i+1] + " " + withheld
	}
	return withheld
}

// secretive reports whether text names something that is nobody's business.
func secretive(text string) bool {
	text = strings.ToLower(text)
	if strings.HasSuffix(text, "credential_source") || strings.HasSuffix(text, "_file") || strings.HasSuffix(text, "_process") {
		return false
	}
	for _, word := range []string{"secret", "token", "passw", "access_key", "credential"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
