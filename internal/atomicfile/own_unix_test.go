//go:build unix

package atomicfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOwnRejectsWhatOthersMayChange(t *testing.T) {
	dir := t.TempDir()
	file, loose, link := filepath.Join(dir, "file"), filepath.Join(dir, "loose"), filepath.Join(dir, "link")
	os.WriteFile(file, nil, 0o600)
	os.WriteFile(loose, nil, 0o600)
	os.Chmod(loose, 0o620)
	os.Symlink(file, link)
	want := map[string]error{dir: nil, file: nil, loose: ErrLoose, link: ErrForeign, os.DevNull: ErrForeign}
	if os.Getuid() != 0 {
		want["/"] = ErrForeign
	}
	for path, want := range want {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := Own(info); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
