// Package understudy_test holds what is true of the module as a whole.
package understudy_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows says which packages of ours each package may import; docs/design.md
// draws it. They point down only: cmd to daemon and source, those to cache, that
// to credential and wire, which stand on place and text.
var arrows = map[string]string{
	"cmd/understudy":             "daemon internal/adopt internal/aws internal/aws/iam internal/awsconfig internal/credential internal/doctor internal/identitycenter internal/keychain internal/launch internal/lockdown internal/longkeys internal/place internal/process internal/prompt internal/rewrite internal/rotation internal/settings internal/source internal/status internal/terminal internal/text internal/totp internal/trust internal/wire",
	"cmd/understudy-credentials": "internal/launch internal/lockdown internal/place internal/prelude internal/terminal internal/text internal/wire",
	"daemon":                     "cache daemon/policy daemon/session daemon/socket internal/awsconfig internal/credential internal/identitycenter internal/keychain internal/logfile internal/longkeys internal/place internal/prompt internal/settings internal/source internal/status internal/totp internal/trust",
	"daemon/socket":              "daemon/session internal/atomicfile internal/credential internal/place internal/prompt internal/status internal/text internal/wire",
	"daemon/session":             "cache internal/credential internal/prompt internal/singleflight internal/status internal/text internal/wire",
	"daemon/policy":              "daemon/session internal/credential internal/logfile internal/status internal/text",
	"cache":                      "internal/atomicfile internal/credential internal/keychain internal/wire internal/writebehind",
	"internal/doctor":            "internal/awsconfig internal/credential internal/source internal/status internal/text",
	"internal/writebehind":       "",
	"internal/singleflight":      "internal/credential internal/wire",
	"internal/atomicfile":        "",
	"internal/aws":               "internal/credential internal/stamp internal/text internal/wire",
	"internal/aws/iam":           "internal/aws internal/credential internal/text internal/wire",
	"internal/place":             "internal/atomicfile",
	"internal/source":            "internal/aws internal/aws/iam internal/awsconfig internal/credential internal/identitycenter internal/place internal/process internal/prompt internal/stamp internal/text internal/wire",
	"internal/identitycenter":    "internal/aws internal/credential internal/keychain internal/prompt internal/singleflight internal/text internal/wire internal/writebehind",
	"internal/awsconfig":         "internal/credential internal/singleflight internal/wire",
	"internal/adopt":             "internal/awsconfig internal/credential internal/wire",
	"internal/rewrite":           "internal/atomicfile internal/credential internal/wire",
	"internal/keychain":          "internal/credential internal/process internal/sessionbus",
	"internal/settings":          "internal/credential internal/place internal/wire",
	"internal/trust":             "internal/atomicfile internal/credential internal/place internal/wire",
	"internal/prompt":            "internal/credential internal/process internal/sessionbus",
	"internal/totp":              "internal/credential internal/keychain",
	"internal/rotation":          "internal/aws internal/aws/iam internal/credential internal/longkeys internal/wire",
	"internal/longkeys":          "internal/atomicfile internal/credential internal/keychain internal/wire",
	"internal/process":           "internal/credential internal/text",
	"internal/sessionbus":        "internal/atomicfile",
	"internal/credential":        "internal/wire",
	"internal/launch":            "internal/place internal/wire",
	"internal/terminal":          "internal/wire",
	"internal/wire":              "internal/place internal/text",
	"internal/status":            "internal/credential internal/wire",
	"internal/text":              "",
	"internal/stamp":             "",
	"internal/lockdown":          "",
	"internal/prelude":           "internal/place internal/wire",
	"internal/logfile":           "",
}

// aside are the packages that serve tests, the demo and measurements. They may
// import anything; nothing of arrows may import them.
var aside = []string{"internal/canary", "internal/sandbox", "internal/keychain/keyringtest", "internal/testbed", "internal/prompt/screentest", "daemon/session/sessiontest", "e2e", "bench", "faults", "scripts"}

// homes says which packages alone may import something from outside, and why.
var homes = []struct{ path, allowed, why string }{
	{"github.com/aws/", "internal/aws internal/aws/iam internal/identitycenter", "its types in other signatures would tie every package to the SDK"},
	{"github.com/zalando/go-keyring", "internal/keychain", "it waits without limit and may take the process down, so it lives behind the worker"},
	{"github.com/godbus/", "internal/keychain internal/prompt", "as go-keyring; a prompt makes one call, on a connection and with a deadline of its own"},
	{"gopkg.in/ini.v1", "internal/settings", "the AWS files need a reader that knows the line of each value and loses no byte"},
	{"github.com/spf13/", "cmd/understudy", "verbs are the command's business"},
	{"golang.org/x/term", "cmd/understudy", "as verbs"},
	{"github.com/junegunn/", "cmd/understudy", "it draws on a terminal, and could run programs"},
	{"github.com/gofrs/flock", "daemon/socket internal/longkeys internal/rewrite", "the daemon's life hangs on its lock; two changes of one file wait for each other"},
	{"github.com/fsnotify/", "daemon/socket", "the daemon watches its socket"},
	{"github.com/Microsoft/go-winio", "daemon/socket", "the helper opens the pipe as a file"},
	{"net/http", "internal/aws internal/identitycenter", "requests go through one door, aws; a sign-in uses it too, and serves the page of 127.0.0.1 to which the browser returns"},
	{"net", "internal/aws internal/identitycenter daemon daemon/socket", "as net/http; daemon/socket listens, and daemon names the network that the machine is on"},
	{"os/exec", "internal/keychain internal/process", "what is run, and how it ends, is decided in as few places as can be"},
	{"encoding/gob", "", "it reads types from its input"},
	{"C", "", "the binaries are static"},
	{"plugin", "", "nothing is loaded at run time"},
}

const module = "understudy/"

// direct lists each package of ours with what it imports itself, on goos.
func direct(t *testing.T, goos string) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list for %s: %v", goos, err)
	}
	imports := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if name, ok := strings.CutPrefix(fields[0], module); ok {
			imports[name] = fields[1:]
		}
	}
	if len(imports) < len(arrows) {
		t.Fatalf("go list for %s names %d packages, fewer than the table has", goos, len(imports))
	}
	return imports
}

func isAside(name string) bool {
	return slices.ContainsFunc(aside, func(a string) bool { return name == a || strings.HasPrefix(name, a+"/") })
}

func TestArrowsPointDown(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		for name, imports := range direct(t, goos) {
			if isAside(name) {
				continue
			}
			allowed, known := arrows[name]
			if !known {
				t.Errorf("%s is a new package: say in the table what it may import", name)
				continue
			}
			for _, path := range imports {
				below, ok := strings.CutPrefix(path, module)
				if ok && !slices.Contains(strings.Fields(allowed), below) {
					t.Errorf("%s: %s imports %s, which is not below it", goos, name, below)
				}
			}
		}
	}
}

func TestTheTableHasNoPackageThatIsGone(t *testing.T) {
	imports := direct(t, "linux")
	for name := range arrows {
		if _, ok := imports[name]; !ok {
			t.Errorf("%s is in the table and not in the module", name)
		}
	}
}

// The arrows have no way round: whoever follows them comes to an end.
func TestArrowsFormNoLoop(t *testing.T) {
	var follow func(name string, way []string)
	follow = func(name string, way []string) {
		if slices.Contains(way, name) {
			t.Fatalf("a loop: %s", strings.Join(append(way, name), " -> "))
		}
		for below := range strings.FieldsSeq(arrows[name]) {
			if _, ok := arrows[below]; !ok {
				t.Errorf("%s may import %s, which the table does not know", name, below)
			}
			follow(below, append(way[:len(way):len(way)], name))
		}
	}
	for name := range arrows {
		follow(name, nil)
	}
}

func TestWhatComesFromOutsideStaysInItsHome(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		for name, imports := range direct(t, goos) {
			if isAside(name) {
				continue
			}
			for _, h := range homes {
				for _, path := range imports {
					is := path == h.path || strings.HasSuffix(h.path, "/") && strings.HasPrefix(path, h.path)
					if is && !slices.Contains(strings.Fields(h.allowed), name) {
						t.Errorf("%s: %s imports %s: %s", goos, name, path, h.why)
					}
				}
			}
		}
	}
}

// The sandbox signs nothing real, but it holds an STS that says yes.
func TestTheProductLinksNothingMadeForTests(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./cmd/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Fields(string(out))
	if !slices.Contains(linked, module+"daemon") {
		t.Fatal("go list does not name the daemon: the test sees nothing")
	}
	for _, path := range linked {
		if name, ok := strings.CutPrefix(path, module); ok && isAside(name) || path == "testing" || path == "net/http/httptest" {
			t.Errorf("the product links %s", path)
		}
	}
}
