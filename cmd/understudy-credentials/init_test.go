package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A package variable that has to be computed costs every start: one call of
// fmt.Errorf touched four fresh pages.
func TestNothingOfOursIsComputedBeforeMain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "helper")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.Command(path, "--version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "init runtime ") {
		t.Fatalf("no trace, so the test sees nothing: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "init understudy/") || strings.HasPrefix(line, "init main ") {
			t.Error(strings.TrimSpace(line))
		}
	}
}
