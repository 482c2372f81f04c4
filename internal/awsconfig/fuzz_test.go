package awsconfig

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzRead checks that no byte is lost and that each value is in the line that is
// reported for it. A fuzz target of e2e/ini compares the values with those of ini.v1.
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
			if len(b) < 4<<10 { // the fuzzer would spend all its time minimizing a long seed
				f.Add(string(b))
			}
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		checkLossless(t, src)
		for _, g := range []grammar{configFile, credentialsFile} {
			checkEverySectionIsRead(t, newText("/f", src, g))
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

// checkEverySectionIsRead checks that each value is in the line that is reported for it.
func checkEverySectionIsRead(t *testing.T, text *text) {
	t.Helper()
	lines := strings.Split(text.src, "\n")
	for k := profileHead; k <= servicesHead; k++ {
		for name := range text.first[k] {
			kind := text.sections[text.first[k][name]].kind
			for key, e := range text.readSection(kind, name) {
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
