package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxBinary is the limit of the helper's size in bytes: every SDK process maps it,
// and may read it from disk.
const maxBinary = 3_000_000

// build builds the helper for Linux with scripts/build.sh, and returns what the
// script printed. env adds to the environment.
func build(t *testing.T, env ...string) (program, printed string) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("../../scripts/build.sh", dir+"/", "understudy-credentials")
	cmd.Env = append(append(os.Environ(), "GOOS=linux", "BUILD_VERSION=test", "PRELUDE="), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "understudy-credentials"), string(out)
}

// release builds the helper for Linux as it is released.
func release(t *testing.T) (program string) {
	t.Helper()
	program, _ = build(t)
	return program
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

// A dynamic linker would cost more than the round trip.
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
