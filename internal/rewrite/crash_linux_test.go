package rewrite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// steps are the system calls by which a file is replaced.
var steps = []string{
	"openat", "newfstatat", "fstat", "read", "flock", "getdents64", "write", "fchmod", "fsync", "close", "renameat", "unlinkat", "readlinkat",
}

func cannot(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

func strace(t *testing.T) {
	t.Helper()
	if exec.Command("strace", "-qq", "-o", "/dev/null", "true").Run() != nil {
		cannot(t, "strace is not installed, or may not trace")
	}
}

// inject replaces the file in a process to which what happens at a system call.
func inject(t *testing.T, path, what string, env ...string) (said string, err error) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	call, _, _ := strings.Cut(what, ":")
	cmd := exec.Command("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+call, "-e", "inject="+what, exe)
	cmd.Env = append([]string{asWriter + "=" + path, "GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0"}, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// long is a text that fills more than one page of the disk.
var long = before + strings.Repeat("# filler\n", 20_000)

// crowded is a file behind a link, with as many backups as are kept and a temp
// file that an earlier crash left.
func crowded(t *testing.T) (path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "config")
	target := filepath.Join(dir, "dotfiles", "aws")
	if err := os.Mkdir(filepath.Dir(target), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("dotfiles/aws", path); err != nil {
		t.Fatal(err)
	}
	write(t, target, long)
	for i := range keptBackups {
		write(t, fmt.Sprintf("%s.understudy-backup-2026010%dT000000.000000Z", target, i+1), long)
	}
	write(t, filepath.Join(filepath.Dir(target), ".aws.understudy-temp-1"), "half")
	return path
}

func TestAWriterKilledAtAnyCallLeavesTheOldOrTheNewFileWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute; make unit runs it")
	}
	strace(t)
	killed := 0
	found := map[string]int{}
	// How many calls a process makes depends on its threads, so no two rounds
	// have the same points; four have about 260.
	rounds, enough := []string{"GOMAXPROCS=1", "GOMAXPROCS=2", "GOMAXPROCS=3", "GOGC=off"}, 200
	if raceDetector {
		rounds, enough = rounds[:1], 50
	}
	for _, env := range rounds {
		for _, call := range steps {
			for when := 1; when <= 60; when++ {
				path := crowded(t)
				_, err := inject(t, path, fmt.Sprintf("%s:signal=KILL:when=%d", call, when), env)
				found[oldOrNew(t, path, err == nil)]++
				if err == nil {
					if when == 1 {
						t.Errorf("%s: a writer makes no %s, so this step tests nothing", env, call)
					}
					break // there are no more of these
				}
				killed++
			}
		}
	}
	t.Logf("%d kill points: %v", killed, found)
	if killed < enough || found["old"] == 0 || found["new"] == 0 {
		t.Errorf("%d kill points, %v: the net is too wide", killed, found)
	}
}

// oldOrNew looks at what a writer left behind, and at what the next one makes of
// it.
func oldOrNew(t *testing.T, path string, done bool) (which string) {
	t.Helper()
	text, err := os.ReadFile(path)
	switch {
	case err != nil:
		t.Fatalf("the file is gone: %v", err)
	case string(text) == after:
		which = "new"
	case string(text) == long && !done:
		which = "old"
	default:
		t.Fatalf("done is %v, and the file has %d bytes: neither the old nor the new", done, len(text))
	}
	backups, err := Backups(path)
	if err != nil || len(backups) < keptBackups || len(backups) > keptBackups+1 {
		t.Errorf("%d backups (%v)", len(backups), err)
	}
	for _, b := range backups {
		says(t, b, long)
	}
	f := open(t, path)
	if _, err := f.Replace(t.Context(), "swept", Options{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range names(t, f.path) {
		if strings.Contains(name, "temp") {
			t.Errorf("after the next run there still lies %s", name)
		}
	}
	return which
}

func TestADiskThatRefusesAnyStepLeavesTheOldFileAndNoRest(t *testing.T) {
	strace(t)
	for what, reason := range map[string]string{
		"write:error=ENOSPC:when=1": "", "write:error=EDQUOT:when=1": "", // what it says is written too
		"fsync:error=EIO": "input/output error", "renameat:error=EROFS": "read-only", "renameat:error=EBUSY": "busy", "fchmod:error=EPERM": "not permitted",
	} {
		path := crowded(t)
		folder := filepath.Join(filepath.Dir(path), "dotfiles", "aws")
		was := len(names(t, folder))
		said, err := inject(t, path, what)
		if err == nil || !strings.Contains(said, reason) {
			t.Errorf("%s: it says %q", what, said)
		}
		says(t, path, long)
		if is := len(names(t, folder)); is != was-1 { // the old temp file
			t.Errorf("%s: %d files lie there, %d before", what, is, was)
		}
	}
}

// On a disk of its own, as an ordinary user has it in a namespace.
func TestAFullDiskIsSaidAndNothingIsChanged(t *testing.T) {
	const inside = "REWRITE_ON_A_SMALL_DISK"
	if os.Getenv(inside) == "" {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		flags := "-m"
		if os.Getuid() != 0 {
			flags = "-rm"
		}
		dir := t.TempDir()
		if exec.Command("unshare", flags, "mount", "-t", "tmpfs", "tmpfs", dir).Run() != nil {
			cannot(t, "no namespace with a disk of its own here")
		}
		cmd := exec.Command("unshare", flags, "sh", "-c", `mount -t tmpfs -o size=128k tmpfs "$1" && exec "$0" -test.run '^TestAFullDisk'`, exe, dir)
		cmd.Env = append(os.Environ(), inside+"="+dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	path := filepath.Join(os.Getenv(inside), "config")
	old, now := strings.Repeat("# old one\n", 4_000), strings.Repeat("# new one\n", 4_000)
	write(t, path, old)
	filler := path + "-filler"
	if err := os.WriteFile(filler, make([]byte, 70_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, backup := range []bool{false, true} {
		f := open(t, path)
		_, err := f.Replace(t.Context(), now+now, Options{Backup: backup})
		if err == nil || !strings.Contains(err.Error(), "no space left on device") {
			t.Fatalf("it says %v", err)
		}
		says(t, path, old)
		if got := names(t, path); len(got) != 2 {
			t.Errorf("the folder holds %q", got)
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, path).Replace(t.Context(), now, Options{}); err != nil {
		t.Fatal(err)
	}
	says(t, path, now)
}
