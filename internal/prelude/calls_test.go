//go:build linux && !race

// A binary is read here, and nothing races.

package prelude

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// callable is what the prelude may call apart from itself: system calls, and what the
// compiler makes of copies and comparisons. None of it uses the runtime's state.
var callable = []string{
	"syscall.RawSyscall6",
	"internal/runtime/syscall/linux.Syscall6",
	"runtime.memmove",
	"runtime.memequal",
	"memeqbody",
	"runtime.duffzero",
	"runtime.duffcopy",
}

// unreached are calls that are in the code and are not made: a stack never has
// to grow, no collection is under way, and every bound was looked at.
var unreached = []string{"runtime.morestack_noctxt", "runtime.gcWriteBarrier", "runtime.panicBounds", "runtime.panicunsafestring"}

var (
	jump   = regexp.MustCompile(`\b(?:CALL|JMP|BL|B)\s+(\S+)`)
	within = regexp.MustCompile(`^(0x[0-9a-f]+|-?[0-9]+\(PC\))$`) // of one function
)

// calls returns what each function of the program that the pattern names calls.
func calls(t *testing.T, program, pattern string) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "tool", "objdump", "-s", pattern, program).Output()
	if err != nil {
		t.Fatalf("objdump: %v", err)
	}
	found, in := map[string][]string{}, ""
	for line := range strings.Lines(string(out)) {
		if rest, ok := strings.CutPrefix(line, "TEXT "); ok {
			in, _, _ = strings.Cut(rest, "(SB)")
			found[in] = nil
		} else if m := jump.FindStringSubmatch(line); m != nil && !within.MatchString(m[1]) {
			found[in] = append(found[in], strings.TrimSuffix(m[1], "(SB)")) // else through a register, to an unknown target
		}
	}
	return found
}

// Before the runtime starts a call into it crashes the program at best.
func TestThePreludeCallsNothingOfTheRuntime(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "helper")
			build := exec.Command("go", "build", "-ldflags=-E understudy/internal/prelude.entry", "-o", program, "understudy/cmd/understudy-credentials")
			build.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("build: %v\n%s", err, out)
			}
			const ours = "understudy/internal/prelude."
			all := calls(t, program, `^(`+regexp.QuoteMeta(ours)+`|syscall\.RawSyscall6$|internal/runtime/syscall/linux\.Syscall6|runtime\.mem(move|equal)$|memeqbody$|runtime\.duff)`)
			queue, seen := []string{ours + "entry.abi0"}, map[string]bool{}
			if _, ok := all[queue[0]]; !ok {
				queue[0] = ours + "entry"
			}
			for len(queue) > 0 {
				name := queue[0]
				queue = queue[1:]
				if seen[name] {
					continue
				}
				seen[name] = true
				targets, ok := all[name]
				if !ok {
					t.Errorf("%s is called and was not looked at", name)
				}
				for _, to := range targets {
					plain := strings.TrimSuffix(to, ".abi0")
					switch {
					case strings.HasPrefix(plain, "_rt0_") && plain == "_rt0_"+arch+"_linux" && strings.HasPrefix(name, ours+"entry"):
					case slices.ContainsFunc(unreached, func(u string) bool { return strings.HasPrefix(plain, u) }):
					case strings.HasPrefix(plain, ours), slices.Contains(callable, plain):
						queue = append(queue, to)
					default:
						t.Errorf("%s calls %s", name, to)
					}
				}
			}
			for _, name := range []string{"begin", "(*trip).find", "(*trip).receive"} {
				if !seen[ours+name] && !seen[ours+name+".abi0"] {
					t.Errorf("the walk did not come to %s: it sees nothing", name)
				}
			}
		})
	}
}
