//go:build linux || darwin

package main

import (
	"debug/elf"
	"debug/gosym"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const preludeEntry = "understudy/internal/prelude.entry"

// listed reports whether goversions.txt has the version of Go that builds here.
func listed(t *testing.T) (version string, ok bool) {
	t.Helper()
	out, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("../../internal/prelude/goversions.txt")
	if err != nil {
		t.Fatal(err)
	}
	version = strings.TrimSpace(string(out))
	parts := strings.SplitN(version, ".", 3)
	return version, slices.Contains(strings.Split(string(list), "\n"), strings.Join(parts[:min(2, len(parts))], "."))
}

// needsPrelude skips a test of the prelude if scripts/build.sh leaves it out.
func needsPrelude(t *testing.T) {
	t.Helper()
	if version, ok := listed(t); !ok {
		t.Skipf("internal/prelude/goversions.txt does not have %s; to test it, add it there", version)
	}
}

// entryOf is the name of the function in which the program begins.
func entryOf(t *testing.T, program string) string {
	t.Helper()
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := f.Section(".gopclntab").Data()
	if err != nil {
		t.Fatal(err)
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(lines, f.Section(".text").Addr))
	if err != nil {
		t.Fatal(err)
	}
	fn := table.PCToFunc(f.Entry)
	if fn == nil {
		t.Fatalf("no function at the entry %#x", f.Entry)
	}
	return strings.TrimSuffix(fn.Name, ".abi0")
}

func TestTheReleasedHelperBeginsInThePreludeIfItsGoVersionIsListed(t *testing.T) {
	version, ok := listed(t)
	for _, arch := range []string{"amd64", "arm64"} {
		want, line := preludeEntry, ""
		if !ok {
			want, line = "_rt0_"+arch+"_linux", "build: plain helper: the prelude is not tested with "+version+"\n"
		}
		program, printed := build(t, "GOARCH="+arch)
		if got := entryOf(t, program); got != want || printed != line {
			t.Errorf("%s, %s: begins in %s, want %s; printed %q, want %q", version, arch, got, want, printed, line)
		}
	}
}

func TestPRELUDE0BuildsAHelperThatBeginsInTheGoRuntime(t *testing.T) {
	program, printed := build(t, "GOARCH=amd64", "PRELUDE=0")
	if got := entryOf(t, program); got != "_rt0_amd64_linux" {
		t.Errorf("it begins in %s", got)
	}
	if printed != "build: plain helper: PRELUDE=0\n" {
		t.Errorf("printed %q", printed)
	}
}

// fakeGo is a go command that has a version and builds nothing: it prints the
// arguments of the build.
const fakeGo = `#!/bin/sh
case "$*" in
"env GOVERSION") echo "$FAKE_VERSION" ;;
"env GOFLAGS") echo "$GOFLAGS" ;;
"env GOOS") echo "$GOOS" ;;
"env GOARCH") echo "$GOARCH" ;;
build*) echo "$@" ;;
*) echo "unexpected: go $*" >&2; exit 1 ;;
esac
`

func TestAGoVersionThatIsNotListedBuildsAPlainHelper(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(fakeGo), 0o755); err != nil {
		t.Fatal(err)
	}
	notTested := func(version string) string {
		return "build: plain helper: the prelude is not tested with " + version + "\n"
	}
	for name, c := range map[string]struct {
		version string
		env     string
		printed string // "" if the prelude is linked in
	}{
		"the first release":     {"go1.26.0", "", ""},
		"a patch release":       {"go1.26.8", "", ""},
		"without a patch":       {"go1.26", "", ""},
		"a later version":       {"go1.99.0", "", notTested("go1.99.0")},
		"an earlier version":    {"go1.25.3", "", notTested("go1.25.3")},
		"a part of the number":  {"go1.2", "", notTested("go1.2")},
		"more than the number":  {"go1.260.1", "", notTested("go1.260.1")},
		"a release candidate":   {"go1.26rc1", "", notTested("go1.26rc1")},
		"a development version": {"devel go1.26-abcdef0", "", notTested("devel go1.26-abcdef0")},
		"an experiment":         {"go1.26.8 X:loopvar", "", notTested("go1.26.8 X:loopvar")},
		"a vendor's version":    {"go1.26.8-vendor", "", notTested("go1.26.8-vendor")},
		"PRELUDE=1":             {"go1.26.8", "PRELUDE=1", ""},
		"PRELUDE=0":             {"go1.26.8", "PRELUDE=0", "build: plain helper: PRELUDE=0\n"},
		"PRELUDE=no":            {"go1.26.8", "PRELUDE=no", "build: plain helper: PRELUDE=no is neither 0 nor 1\n"},
		"the race detector":     {"go1.26.8", "GOFLAGS=-race", "build: plain helper: the prelude does not run with GOFLAGS=-race\n"},
		"another platform":      {"go1.99.0", "GOOS=darwin", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("../../scripts/build.sh", "out/", "understudy-credentials")
			cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "BUILD_VERSION=test", "GOOS=linux", "GOARCH=amd64", "FAKE_VERSION=" + c.version, c.env}
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v: %s", err, stderr.String())
			}
			want := c.printed == "" && c.env != "GOOS=darwin"
			if got := strings.Contains(stdout.String(), "-E "+preludeEntry); got != want || stderr.String() != c.printed {
				t.Errorf("the prelude is linked in: %v, want %v; printed %q, want %q", got, want, stderr.String(), c.printed)
			}
		})
	}
}
