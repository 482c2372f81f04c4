package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxBinary is what the helper may weigh, in bytes: it is read from disk, or at
// least mapped, for every SDK process.
const maxBinary = 3_000_000

// release builds the helper for Linux as it is given away.
func release(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("../../scripts/build.sh", dir+"/")
	cmd.Env = append(os.Environ(), "GOOS=linux", "BUILD_VERSION=test")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "understudy-credentials")
}

func TestHelperIsSmall(t *testing.T) {
	st, err := os.Stat(release(t))
	if err != nil {
		t.Fatal(err)
	}
	if st.Size() > maxBinary {
		t.Errorf("%d bytes, more than %d", st.Size(), maxBinary)
	}
}

// A dynamic linker would cost more than the round trip does.
func TestHelperIsStatic(t *testing.T) {
	f, err := elf.Open(release(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if len(f.Progs) == 0 {
		t.Fatal("the binary has no segments")
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("it has a %v segment", p.Type)
		}
	}
}
