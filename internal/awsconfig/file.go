package awsconfig

import "strings"

// text is one file as it was read, and where its sections stand. Values are
// read from it only when a profile is asked for: of ten megabytes of profiles
// a caller wants one, and what is kept is the file and a small index.
type text struct {
	path     string
	grammar  grammar
	src      string // holds secrets: never printed
	sections []section
	first    [servicesHead + 1]map[string]int32 // by kind and name: the first such section
	problems []Problem
}

// section is the lines below one header.
type section struct {
	header header
	start  int32 // of the header's line, in bytes
	line   int32
	pairs  int32
	next   int32 // the next section of that kind and name, 0 when there is none
}

// maxProblems is how many lines of one file are reported.
const maxProblems = 200

func newText(path, src string, g grammar) *text {
	t := &text{path: path, grammar: g, src: src}
	for i := range t.first {
		t.first[i] = map[string]int32{}
	}
	if strings.HasPrefix(src, bom) {
		t.report(1, noteBOM)
	}
	last := map[headKind]map[string]int32{}
	seen := map[string]bool{}
	s := newScanner(src, g)
	for l, ok := s.next(); ok; l, ok = s.next() {
		if l.note != "" {
			t.report(l.number, l.note)
		}
		switch l.kind {
		case head:
			t.addSection(l, last)
			clear(seen)
		case pair:
			t.sections[len(t.sections)-1].pairs++
			if k := strings.ToLower(l.key); !seen[k] {
				seen[k] = true
			} else {
				t.report(l.number, noteTwoKeys)
			}
		}
	}
	t.settleDefault()
	return t
}

func (t *text) addSection(l line, last map[headKind]map[string]int32) {
	i := int32(len(t.sections))
	t.sections = append(t.sections, section{header: l.header, start: int32(l.start), line: int32(l.number)})
	k, name := l.header.kind, l.header.name
	if k == brokenHead || k == ignoredHead {
		return
	}
	if _, ok := t.first[k][name]; !ok {
		t.first[k][name] = i
	} else {
		t.sections[last[k][name]].next = i
		t.report(l.number, noteTwoSections)
	}
	if last[k] == nil {
		last[k] = map[string]int32{}
	}
	last[k][name] = i
}

// settleDefault lets [profile default] stand for the default profile, and
// [default] where there is none.
func (t *text) settleDefault() {
	plain, ok := t.first[defaultHead]["default"]
	if !ok {
		return
	}
	if _, both := t.first[profileHead]["default"]; both {
		t.report(int(t.sections[plain].line), noteTwoDefaults)
		return
	}
	t.first[profileHead]["default"] = plain
}

func (t *text) report(line int, what string) {
	switch n := len(t.problems); {
	case n < maxProblems:
		t.problems = append(t.problems, Problem{t.path, line, what})
	case n == maxProblems:
		t.problems = append(t.problems, Problem{t.path, line, noteMore})
	}
}

// names returns the profiles in the order of the file.
func (t *text) names() []string {
	var names []string
	for i, s := range t.sections {
		if s.header.kind != profileHead && s.header.kind != defaultHead {
			continue
		}
		if first, ok := t.first[profileHead][s.header.name]; ok && int(first) == i {
			names = append(names, s.header.name)
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
