package stamp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFileIsFreshUntilItChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	missing := Of(path)
	if !missing.Fresh() || missing.String() != "missing" {
		t.Errorf("a missing file: fresh %v, %q", missing.Fresh(), missing)
	}
	if err := os.WriteFile(path, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	content, read, err := Read(path, 3)
	if err != nil || string(content) != "one" || !read.Fresh() || read.String() != Of(path).String() {
		t.Errorf("%q, %v, fresh %v", content, err, read.Fresh())
	}
	if missing.Fresh() {
		t.Error("a file that was made is still missing")
	}
	if err := os.WriteFile(path, []byte("longer"), 0o600); err != nil {
		t.Fatal(err)
	}
	if read.Fresh() || read.String() == Of(path).String() {
		t.Error("a changed file is fresh")
	}
}

func TestOnlySmallRegularFilesAreRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("four"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{path: "larger than 3 bytes", filepath.Dir(path): "not a regular file"} {
		if _, _, err := Read(file, 3); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
}
