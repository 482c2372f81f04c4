package identitycenter

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAFolderOfTheCLIHoldsUpNobody(t *testing.T) {
	dir := t.TempDir()
	put := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("good", "{}")
	put("huge", strings.Repeat(" ", maxCLIFile+1))
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	read := CLICache(dir)
	if b, err := read("good"); err != nil || string(b) != "{}" {
		t.Errorf("read %q, %v", b, err)
	}
	for _, name := range []string{"huge", "folder", "fifo", "missing"} {
		if b, err := read(name); err == nil {
			t.Errorf("%s: read %d bytes", name, len(b))
		}
	}
}
