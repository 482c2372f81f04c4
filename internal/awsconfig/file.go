package awsconfig

import (
	"cmp"
	"slices"
	"strings"
)

// text is one file as it was read, and where its sections stand. Values are
// read from it only when a profile is asked for: of ten megabytes of profiles
// a caller wants one, and what is kept is the file and a small index.
type text struct {
	path     string
	grammar  grammar
	src      string // holds secrets: never printed
	sections []section
	astray   []section                          // headers that make no section of ours, as many as are reported
	first    [servicesHead + 1]map[string]int32 // by kind and name: the first such section
	problems []Problem
}

// section is the lines below one header.
type section struct {
	name  string
	kind  headKind
	start int32 // of the header's line, in bytes
	line  int32
	pairs int32
	next  int32 // the next section of that kind and name, 0 when there is none
}

const (
	maxProblems = 200     // lines of one file that are reported
	maxSections = 200_000 // sections of one file; with more it is refused
)

func newText(path, src string, g grammar) *text {
	t := &text{path: path, grammar: g, src: src}
	for i := range t.first {
		t.first[i] = map[string]int32{}
	}
	if strings.HasPrefix(src, bom) {
		t.report(1, "", noteBOM)
	}
	var last [servicesHead + 1]map[string]int32 // the last section of a kind and name that stands again
	for i := range last {
		last[i] = map[string]int32{}
	}
	seen := map[string]bool{}
	open := false
	profile := ""
	s := newScanner(src, g)
	for l, ok := s.next(); ok && len(t.sections) <= maxSections; l, ok = s.next() {
		if l.kind == head {
			profile = l.header.profile()
		}
		if l.note != "" {
			t.report(l.number, profile, l.note)
		}
		switch l.kind {
		case head:
			open = t.addSection(l, &last)
			if len(seen) > 64 { // to clear a map takes as long as it ever was big
				seen = map[string]bool{}
			}
			clear(seen)
		case pair:
			if open {
				t.sections[len(t.sections)-1].pairs++
			}
			if k := strings.ToLower(l.key); !seen[k] {
				seen[k] = true
			} else {
				t.report(l.number, profile, noteTwoKeys)
			}
		}
	}
	t.settleDefault()
	slices.SortStableFunc(t.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return t
}

// addSection reports whether the header opens a section of ours.
func (t *text) addSection(l line, last *[servicesHead + 1]map[string]int32) bool {
	k, name := l.header.kind, l.header.name
	s := section{name: name, kind: k, start: int32(l.start), line: int32(l.number)}
	if k == brokenHead || k == ignoredHead {
		if len(t.astray) < maxProblems {
			t.astray = append(t.astray, s)
		}
		return false
	}
	i := int32(len(t.sections))
	t.sections = append(t.sections, s)
	first, again := t.first[k][name]
	if !again {
		t.first[k][name] = i
		return true
	}
	if before, ok := last[k][name]; ok {
		first = before
	}
	t.sections[first].next = i
	last[k][name] = i
	t.report(l.number, l.header.profile(), noteTwoSections)
	return true
}

// settleDefault lets [profile default] stand for the default profile, and
// [default] where there is none.
func (t *text) settleDefault() {
	plain, ok := t.first[defaultHead]["default"]
	if !ok {
		return
	}
	if _, both := t.first[profileHead]["default"]; both {
		t.report(int(t.sections[plain].line), "default", noteTwoDefaults)
		return
	}
	t.first[profileHead]["default"] = plain
}

func (t *text) report(line int, profile, what string) {
	switch n := len(t.problems); {
	case n < maxProblems:
		t.problems = append(t.problems, Problem{t.path, line, strings.Clone(profile), what})
	case n == maxProblems:
		t.problems = append(t.problems, Problem{t.path, line, "", noteMore})
	}
}

// names returns the profiles in the order of the file.
func (t *text) names() []string {
	var names []string
	for i, s := range t.sections {
		if s.kind != profileHead && s.kind != defaultHead {
			continue
		}
		if first, ok := t.first[profileHead][s.name]; ok && int(first) == i {
			names = append(names, strings.Clone(s.name)) // so as not to keep all of the file
		}
	}
	return names
}

// pairs counts the keys of a profile, over all its sections.
func (t *text) pairs(name string) (n int) {
	for i := range t.all(profileHead, name) {
		n += int(t.sections[i].pairs)
	}
	return n
}

// all yields the sections of a kind and name.
func (t *text) all(k headKind, name string) func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		i, ok := t.first[k][name]
		for ok && yield(i) {
			i = t.sections[i].next
			ok = i != 0
		}
	}
}
