package main

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"understudy/internal/sandbox"
)

// binaries holds the programs under test; older holds an understudy of another
// version.
var binaries, older string

// raceDetector says whether these tests run under it. None is left out or cut short
// then, so no file is for !race, and make norace does not run this package again.
var raceDetector bool

func TestMain(m *testing.M) { os.Exit(prepare(m)) }

func prepare(m *testing.M) int {
	dir, err := os.MkdirTemp("", "us")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binaries, older = filepath.Join(dir, "bin"), filepath.Join(dir, "old")
	if err := errors.Join(build(older, "1.2.2", "understudy"), build(binaries, "1.2.3", "understudy-credentials", "understudy")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// build builds the programs as they are released. Under the race detector the
// understudy under test has it too.
func build(dir, version string, programs ...string) error {
	if runtime.GOOS == "windows" {
		return nil // no test runs them there
	}
	cmd := exec.Command("../../scripts/build.sh", append([]string{dir + "/"}, programs...)...)
	cmd.Env = append(os.Environ(), "BUILD_VERSION="+version)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %v: %w\n%s", programs, err, out)
	}
	if !raceDetector || dir != binaries {
		return nil
	}
	cmd = exec.Command("go", "build", "-race", "-ldflags=-X main.version="+version, "-o", dir+"/", ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build understudy with -race: %w\n%s", err, out)
	}
	return nil
}

// Each script has a home, a socket, an STS and a daemon of its own; a script is
// named for what it promises.
func TestScripts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the scripts speak to a shell and end processes by signals")
	}
	sockets := t.TempDir() // short: a socket's path has 107 bytes at most
	var n atomic.Int32
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		WorkdirRoot:         t.TempDir(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                commands,
		Setup: func(env *testscript.Env) error {
			socket := filepath.Join(sockets, strconv.Itoa(int(n.Add(1))), "s")
			return setUp(env, socket)
		},
	})
}

// stsKey is where a script's STS is found.
type stsKey struct{}

func setUp(env *testscript.Env, socket string) error {
	sts := sandbox.New()
	server := httptest.NewServer(sts)
	env.Values[stsKey{}] = sts
	home := filepath.Join(env.WorkDir, "home")
	for name, value := range map[string]string{
		"HOME":                        home,
		"STATE":                       filepath.Join(home, ".local/state/understudy"),
		"PATH":                        binaries + string(os.PathListSeparator) + env.Getenv("PATH"),
		"BIN":                         binaries,
		"OLD":                         older,
		"BINARIES":                    binaries,
		"UNDERSTUDY_SOCKET":           socket,
		"UNDERSTUDY_STORE":            "memory",
		"UNDERSTUDY_STS_ENDPOINT_URL": server.URL,
		"LANG":                        "C.UTF-8",
		"TZ":                          "UTC",
		"GORACE":                      "atexit_sleep_ms=0", // else each program stays a second longer
	} {
		env.Setenv(name, value)
	}
	env.Defer(func() {
		stop := exec.Command(filepath.Join(binaries, "understudy"), "daemon", "stop")
		stop.Env = env.Vars
		if out, err := stop.CombinedOutput(); err != nil {
			env.T().Log(fmt.Sprintf("stop the daemon: %v\n%s", err, out))
		}
		sts.Set(sandbox.Behaviour{}) // lets go of the calls it holds
		server.Close()
	})
	aws := filepath.Join(home, ".aws")
	if err := os.MkdirAll(aws, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(aws, "config"), []byte(exampleConfig), 0o600)
}

const exampleConfig = `[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
region = eu-west-1

[profile prod]
understudy_role_arn = arn:aws:iam::123456789012:role/team/Admin
understudy_source_profile = base

[profile staging]
role_arn = arn:aws:iam::123456789012:role/Reader
source_profile = base
`
