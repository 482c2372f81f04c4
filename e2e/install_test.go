//go:build linux

package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWhatIsInstalledIsRemoved(t *testing.T) {
	t.Parallel()
	dest := t.TempDir()
	script := func(args ...string) {
		t.Helper()
		cmd := exec.Command(filepath.Join("..", "scripts", "install.sh"), args...)
		cmd.Env = append(os.Environ(), "BIN="+bin)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("install.sh %v: %v\n%s", args, err, out)
		}
	}

	script("/opt/us", dest)
	installed := files(t, dest)
	for _, want := range []string{
		"bin/understudy", "bin/understudy-credentials",
		"lib/systemd/user/understudy.service", "share/man/man1/understudy.1",
		"share/bash-completion/completions/understudy",
	} {
		if !slices.Contains(installed, filepath.Join("opt/us", want)) {
			t.Errorf("%s is not installed", want)
		}
	}
	unit, err := os.ReadFile(filepath.Join(dest, "opt/us/lib/systemd/user/understudy.service"))
	if err != nil {
		t.Fatal(err)
	}
	// Where it will be, not where a packager has put it.
	if !strings.Contains(string(unit), "ExecStart=/opt/us/bin/understudy ") {
		t.Errorf("the unit starts another program:\n%s", unit)
	}

	script("/opt/us", dest) // over what is there
	if again := files(t, dest); !slices.Equal(again, installed) {
		t.Errorf("a second time there are %v, not %v", again, installed)
	}
	script("--remove", "/opt/us", dest)
	if left := files(t, dest); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// files are the files below dir, by their path there.
func files(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
