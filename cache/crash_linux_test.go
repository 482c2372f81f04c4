package cache

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// steps are the system calls by which an index is replaced.
var steps = []string{"openat", "fchmodat", "write", "fsync", "close", "renameat"}

func strace(t *testing.T) {
	t.Helper()
	if exec.Command("strace", "-qq", "-o", "/dev/null", "true").Run() == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("strace is not installed, or may not trace")
	}
	t.Skip("strace is not installed, or may not trace")
}

// inject runs writeIndex in a process with the fault what at a system call.
func inject(t *testing.T, dir, what string) error {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	call, _, _ := strings.Cut(what, ":")
	cmd := exec.Command("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+call, "-e", "inject="+what, exe)
	cmd.Env = []string{asWriter + "=" + dir, "GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0"}
	return cmd.Run()
}

// seeded is a state folder with an index that has one record, "old".
func seeded(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	b, err := formatIndex([]row{{Record: Record{ID: "old", Source: strings.Repeat(filler, 2000)}}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, indexFile), b)
	return dir
}

// found returns the one record's ID, after a start that sweeps.
func found(t *testing.T, dir string) string {
	t.Helper()
	records := newIndex(dir, slog.New(slog.NewTextHandler(t.Output(), nil)), nil).read()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("%d files after the sweep, %v", len(files), err)
	}
	if len(records) != 1 {
		t.Fatalf("%d records", len(records))
	}
	return records[0].ID
}

func TestAWriterOfTheIndexKilledAtAnyCallLeavesTheOldOrTheNew(t *testing.T) {
	strace(t)
	killed := 0
	ids := map[string]int{}
	for _, call := range steps {
		for when := 1; when <= 40; when++ {
			dir := seeded(t)
			err := inject(t, dir, fmt.Sprintf("%s:signal=KILL:when=%d", call, when))
			id := found(t, dir)
			ids[id]++
			if id != "old" && id != "new" || err == nil && id != "new" {
				t.Errorf("killed at %s %d (%v): it is %q", call, when, err, id)
			}
			if err == nil {
				break // there are no more of these
			}
			killed++
		}
	}
	t.Logf("%d kill points: %v", killed, ids)
	if killed < 10 || ids["old"] == 0 || ids["new"] == 0 {
		t.Errorf("%d kill points, %v: the net is too wide", killed, ids)
	}
}

func TestADiskThatRefusesAnyStepLeavesTheOldIndexWhole(t *testing.T) {
	strace(t)
	for _, what := range []string{"write:error=ENOSPC", "fsync:error=EIO", "renameat:error=EROFS"} {
		dir := seeded(t)
		if inject(t, dir, what) == nil {
			t.Errorf("%s: it says it is written", what)
		}
		if id := found(t, dir); id != "old" {
			t.Errorf("%s: it is %q", what, id)
		}
	}
}
