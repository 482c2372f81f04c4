//go:build linux && (amd64 || arm64)

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"understudy/internal/wire"
)

var callName = regexp.MustCompile(`(?m)^(\w+)\(`)

func findStrace(t *testing.T) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not on PATH")
	}
	return strace
}

// systemCalls are the system calls of the program's first thread after execve, in a
// run that the daemon answers.
func systemCalls(t *testing.T, strace, program string, env ...string) []string {
	t.Helper()
	daemon(t, []byte(wire.OpenCredentials+answer+wire.CloseLine))
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.CommandContext(t.Context(), strace, "-o", trace, program, "prod")
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.Output(); err != nil || string(out) != answer+"\n" {
		t.Fatalf("%v, printed %q", err, out)
	}
	lines, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	var calls []string
	for _, m := range callName.FindAllStringSubmatch(string(lines), -1) {
		calls = append(calls, m[1])
	}
	if len(calls) < 2 || calls[0] != "execve" {
		t.Fatalf("not a trace of a run: %s", lines)
	}
	return calls[1:]
}

// docs/design.md and the package comment of internal/prelude have the number.
func TestAWarmCallTakesSeventeenSystemCalls(t *testing.T) {
	needsPrelude(t)
	strace := findStrace(t)
	want := strings.Fields("arch_prctl prctl prlimit64 getuid newfstatat socket setsockopt setsockopt connect getsockopt sendto read ppoll rt_sigaction rt_sigaction write exit_group")
	if len(want) != 17 {
		t.Fatalf("the test expects %d", len(want))
	}
	if runtime.GOARCH == "arm64" {
		want = want[1:]
	}
	if got := systemCalls(t, strace, release(t)); !slices.Equal(got, want) {
		t.Errorf("it makes %d: %v", len(got), got)
	}
}

func TestUNDERSTUDYPRELUDE0StartsTheRuntimeWithoutASystemCallBefore(t *testing.T) {
	strace := findStrace(t)
	with, without := programs(t, runtime.GOARCH)
	const first = 12 // enough to see the runtime start
	want := systemCalls(t, strace, without)
	got := systemCalls(t, strace, with, "UNDERSTUDY_PRELUDE=0")
	if len(got) < first || len(want) < first || !slices.Equal(got[:first], want[:first]) {
		t.Errorf("begins with %v, without a prelude with %v", got[:min(first, len(got))], want[:min(first, len(want))])
	}
	if slices.Contains(want[:first], "socket") {
		t.Errorf("the first %d system calls are not of the runtime alone: %v", first, want[:first])
	}
}
