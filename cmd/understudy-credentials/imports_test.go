package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// platforms are those that the product is built for.
var platforms = []string{"linux", "darwin", "windows"}

// ours are the packages outside the standard library that the helper may link.
// It starts once for every SDK process, so each package costs every caller its
// initialisation, and each byte its page faults.
var ours = []string{
	"understudy/cmd/understudy-credentials",
	"understudy/internal/wire",
	"understudy/internal/launch",
	"understudy/internal/lockdown",
	"understudy/internal/prelude",
	"understudy/internal/atomicfile",
	"understudy/internal/place",
	"understudy/internal/text",
	"understudy/internal/terminal",
	"golang.org/x/sys/unix",
	"golang.org/x/sys/windows",
}

// banned are packages of the standard library, with why.
var banned = map[string]string{
	"net":             "opens connections to other machines, which the helper never does; one blocking socket needs no poller",
	"net/http":        "the helper never talks to AWS, and HTTP with TLS is most of a binary",
	"crypto/tls":      "as net/http",
	"os/exec":         "looks programs up in PATH by rules of its own; the daemon is started by its path",
	"os/signal":       "starts a goroutine and handlers for a process of one round trip",
	"encoding/json":   "reflects over types at start; the answer is passed on as it came",
	"encoding/base64": "the helper decodes nothing",
	"encoding/xml":    "as encoding/json",
	"encoding/gob":    "as encoding/json",
	"text/template":   "reflection keeps every exported method in the binary",
	"html/template":   "as text/template",
	"log":             "what the helper has to say are two lines on standard error",
	"log/slog":        "as log",
	"flag":            "one optional argument needs no parser",
	"regexp":          "compiles at start",
	"plugin":          "runs foreign code",
	"testing":         "belongs to tests",
}

// excused are bans that a platform cannot hold, with why.
var excused = map[string]string{
	"windows net": "golang.org/x/sys/windows itself imports it for its address types; nothing of it is called",
}

func deps(t *testing.T, goos string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", ".")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list for %s: %v", goos, err)
	}
	all := strings.Fields(string(out))
	if !slices.Contains(all, "understudy/internal/wire") {
		t.Fatalf("go list for %s names %d packages and not wire: the test sees nothing", goos, len(all))
	}
	return all
}

func TestHelperLinksTheStandardLibraryAndLittleElse(t *testing.T) {
	for _, goos := range platforms {
		for _, dep := range deps(t, goos) {
			first, _, _ := strings.Cut(dep, "/")
			foreign := strings.Contains(first, ".") || first == "understudy"
			if foreign && !slices.Contains(ours, dep) {
				t.Errorf("%s: the helper links %s; it may link the standard library, golang.org/x/sys and %v", goos, dep, ours)
			}
		}
	}
}

func TestHelperLinksNothingThatIsBanned(t *testing.T) {
	for _, goos := range platforms {
		for _, dep := range deps(t, goos) {
			if why, ok := banned[dep]; ok && excused[goos+" "+dep] == "" {
				t.Errorf("%s: the helper links %s: %s", goos, dep, why)
			}
		}
	}
}
