//go:build linux || darwin

package awsconfig

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAQuickStampIsThatOfAStat(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	rewrite(t, file, "[profile x]\n")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, quick := range map[string]bool{
		file: true, link: true, filepath.Join(dir, "missing"): true,
		filepath.Join(file, "below"): false, dir: false, pipe: false, os.DevNull: false, "a\x00b": false,
	} {
		got, ok := quickStamp(path)
		if ok != quick {
			t.Errorf("%q: quick is %v, want %v", path, ok, quick)
		}
		if !ok {
			continue
		}
		want := stamp{settled: true}
		if info, err := os.Stat(path); err == nil {
			want = newStamp(info)
			want.settled = true
		}
		if got != want || got != stampOf(path) {
			t.Errorf("%q: got %+v, want %+v", path, got, want)
		}
	}
}
