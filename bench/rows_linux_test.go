package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every row at a size that ends in seconds: that it measures at all, not how
// fast anything is. What each row counts by itself (one call to STS, none for
// what the keychain has, equal answers) holds at any size.
func TestEveryRowOfTheTableIsMeasured(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the real programs")
	}
	bin := build(t)
	out := filepath.Join(t.TempDir(), "results.json")
	var table, progress strings.Builder
	status := run(t.Context(), []string{"-bin", bin, "-rounds", "3", "-warmup", "0", "-slow-rounds", "1",
		"-sessions", "20", "-many", "40", "-load", "30", "-herd", "40", "-profiles", "20", "-pound", "20ms", "-settle", "10ms", "-out", out}, &table, &progress)
	if status != 0 {
		t.Fatalf("exit status %d: %s", status, progress.String())
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	measured := 0
	for _, f := range r.Figures {
		if f.Absent == "" {
			measured++
		}
		switch {
		case f.Absent == "" && f.Value <= 0:
			t.Errorf("%s: %v", f.Title, f.Value)
		case f.Absent == "left out" && os.Getenv("CI") == "true" && !strings.Contains(f.Note, "PATH") && !strings.Contains(f.Note, "does not answer here"):
			t.Errorf("%s is left out: %s", f.Title, f.Note)
		}
	}
	if measured < 20 {
		t.Errorf("%d figures:\n%s", measured, table.String())
	}
}
