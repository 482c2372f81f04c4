package place

import (
	"os"
	"path/filepath"
	"testing"
)

// A folder on which others have permissions is not used; the socket is below home.
func TestARuntimeFolderCountsOnlyWhenItIsTheUsersAlone(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, mode := range map[string]os.FileMode{"own": 0o700, "seen": 0o755, "entered": 0o710, "open": 0o777, "read only": 0o500} {
		if err := os.Mkdir(at(name), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(at(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(at("own"), at("link")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("file"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	foreign := "/usr" // root's, if this user is not root
	if os.Getuid() == 0 {
		foreign = at("foreign")
		if err := os.Mkdir(foreign, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(foreign, otherUID, -1); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]bool{
		at("own"): true, at("seen"): false, at("entered"): false, at("open"): false, at("read only"): false,
		at("link"): false, at("file"): false, at("missing"): false, foreign: false,
	} {
		if got := isPrivate(path); got != want {
			t.Errorf("%s: %v, want %v", filepath.Base(path), got, want)
		}
	}
}
