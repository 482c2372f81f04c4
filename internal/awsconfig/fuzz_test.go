package awsconfig

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/ini.v1"
)

// FuzzRead holds together the scanner, which decides where a key belongs, and
// ini.v1, which reads the same bytes with its own idea of lines and sections.
func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"*.config", "*.credentials"} {
		paths, err := filepath.Glob(filepath.Join(corpus, pattern))
		if err != nil || len(paths) == 0 {
			f.Fatalf("no corpus: %v", err)
		}
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				f.Fatal(err)
			}
			if len(b) < 4<<10 { // to shorten a long seed takes a fuzzer all its time
				f.Add(string(b))
			}
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		checkLossless(t, src)
		for _, g := range []grammar{configFile, credentialsFile} {
			text := newText("/f", src, g)
			checkEverySectionIsRead(t, text)
			checkAgainstINI(t, text)
		}
	})
}

// checkLossless demands that the lines, put together again, are the file.
func checkLossless(t *testing.T, src string) {
	t.Helper()
	s := newScanner(src, configFile)
	var b strings.Builder
	b.WriteString(src[:s.pos])
	number := 0
	for l, ok := s.next(); ok; l, ok = s.next() {
		b.WriteString(src[l.start:l.end] + l.eol)
		if number++; l.number != number {
			t.Fatalf("line %d is called %d", number, l.number)
		}
	}
	if b.String() != src {
		t.Fatalf("the lines make %q of %q", b.String(), src)
	}
}

// checkEverySectionIsRead demands that what the scanner accepts, ini.v1 reads,
// and that each value stands in the line it is said to stand in.
func checkEverySectionIsRead(t *testing.T, text *text) {
	t.Helper()
	lines := strings.Split(text.src, "\n")
	for k := profileHead; k <= servicesHead; k++ {
		for name := range text.first[k] {
			kind := text.sections[text.first[k][name]].kind
			entries, err := text.readSection(kind, name)
			if err != nil {
				t.Fatalf("section %q: %v", name, err)
			}
			for key, e := range entries {
				first, _, _ := strings.Cut(e.Text, "\n")
				if at := strings.ToLower(lines[e.Line-1]); !strings.Contains(at, key) || !strings.Contains(lines[e.Line-1], first) {
					t.Fatalf("%s: %q says %q, not %q", e.At(), key, at, first)
				}
				for key, n := range e.nested {
					if !strings.Contains(lines[n.Line-1], n.Text) {
						t.Fatalf("%s: nested %q says %q, not %q", n.At(), key, lines[n.Line-1], n.Text)
					}
				}
			}
		}
	}
}

// checkAgainstINI reads the bytes as they are with ini.v1. It takes a backtick
// and three quotes for the start of a text over many lines, numbers a key -,
// cuts headers at the last bracket, ends a block at the indentation of nothing
// but the first column, and knows no broken header: what has one of these is
// left to the corpus.
func checkAgainstINI(t *testing.T, text *text) {
	t.Helper()
	if strings.ContainsAny(text.src, "`\"\x00\r\v\f") || text.peculiar() {
		return
	}
	f, err := ini.LoadSources(ini.LoadOptions{
		AllowNonUniqueSections:   true,
		AllowNestedValues:        true,
		InsensitiveKeys:          true,
		IgnoreContinuation:       true,
		SpaceBeforeInlineComment: true,
		SkipUnrecognizableLines:  true,
		PreserveSurroundedQuote:  true,
		ChildSectionDelimiter:    "\x00",
	}, []byte(text.src))
	if err != nil {
		t.Fatalf("ini.v1 refuses %q: %v", text.src, err)
	}
	sections := f.Sections()[1:] // the first holds what stands above all headers
	ours := text.everySection()
	if len(sections) != len(ours) {
		t.Fatalf("%d sections, but ini.v1 finds %d in %q", len(ours), len(sections), text.src)
	}
	for i, our := range ours {
		theirs := map[string]string{}
		for _, k := range sections[i].Keys() {
			theirs[k.Name()] = k.Value()
			lines := slices.DeleteFunc(k.NestedValues(), func(l string) bool { return l == "" || strings.ContainsAny(l[:1], "#;") })
			block := our.blocks[k.Name()]
			if len(lines) < len(block) {
				t.Fatalf("block %q is %q, but ini.v1 finds %q in %q", k.Name(), block, lines, text.src)
			}
			for j, n := range lines {
				if j >= len(block) || !strings.HasPrefix(n, block[j]) {
					t.Fatalf("block %q is %q, but ini.v1 finds %q in %q", k.Name(), block, lines, text.src)
				}
			}
		}
		if !maps.Equal(our.keys, theirs) {
			t.Fatalf("section %d is %q, but ini.v1 finds %q in %q", i, our.keys, theirs, text.src)
		}
	}
}

// content is what the scanner finds below one header.
type content struct {
	keys   map[string]string
	blocks map[string][]string
}

// everySection puts the lines in order without what is made of headers.
func (t *text) everySection() (all []content) {
	above := ""
	s := newScanner(t.src, t.grammar)
	for l, ok := s.next(); ok; l, ok = s.next() {
		switch l.kind {
		case head:
			all = append(all, content{map[string]string{}, map[string][]string{}})
		case pair:
			above = strings.ToLower(l.key)
			all[len(all)-1].keys[above] = l.value
		case nested:
			blocks := all[len(all)-1].blocks
			blocks[above] = append(blocks[above], l.key)
		}
	}
	return all
}

// peculiar reports whether a line has what the two readers are known to see
// differently, and documented so in the corpus.
func (t *text) peculiar() bool {
	s := newScanner(t.src, t.grammar)
	for l, ok := s.next(); ok; l, ok = s.next() {
		if l.kind == head && t.src[l.start] != '[' {
			return true
		}
	}
	return slices.ContainsFunc(t.problems, func(p Problem) bool {
		switch p.Text {
		case noteNoPrefix, noteLowerCase, notePrefixed, noteTwoDefaults, noteTwoSections, noteColon, noteBOM:
			return false
		}
		return true
	})
}
