package understudy_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest   = regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
	namedTarget = regexp.MustCompile("`make ([a-z-]+)")
	ownTest     = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
)

// A promise whose test is gone is none.
func TestWhatTheSecurityPageNamesIsThere(t *testing.T) {
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	if err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range ownTest.FindAllSubmatch(text, -1) {
			tests[string(m[1])] = true
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	found := namedTest.FindAllSubmatch(page, -1)
	for _, m := range found {
		if !tests[string(m[1])] {
			t.Errorf("there is no %s", m[1])
		}
	}
	for _, m := range namedTarget.FindAllSubmatch(page, -1) {
		if !strings.Contains(string(makefile), "\n"+string(m[1])+":") {
			t.Errorf("there is no make %s", m[1])
		}
	}
	if len(found) < 40 {
		t.Errorf("the page names %d tests: it is not read as it is written", len(found))
	}
}
