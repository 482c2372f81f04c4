// Package testbed runs the programs for e2e, faults, bench and the demo, and observes
// them from outside.
//
// A World is a home folder, a socket and an environment that hold nothing of the
// user who runs the tests; on request it has an STS on loopback and a keychain of
// its own. It starts programs and returns the Outcome of each, and it knows which
// daemon listens, what its Status is and how to end it.
//
// If something cannot be set up, T ends the test. T is a *testing.T, or a Program
// in a program that is not a test.
package testbed

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"understudy/internal/keychain/keyringtest"
	"understudy/internal/sandbox"
)

// T is a *testing.T, or a Program.
type T = keyringtest.T

// World is the place of one user on a machine.
type World struct {
	Dir, Home, Socket string            // Dir has the other two
	Bin               string            // folder of the binaries
	Vars              map[string]string // the environment of every program
	Limit             time.Duration     // how long a program may run; a minute by default
	Before            []string          // a command that runs every program, such as strace

	// Change is applied to every command before it starts. Inside runs each
	// function that starts a program or listens. Both may be nil.
	Change func(*exec.Cmd)
	Inside func(func())

	STS     *sandbox.Server // nil before StartSTS
	URL     string          // where STS answers
	StopSTS func()

	t T
}

// New makes a world in a folder, with the programs of the folder bin. Sessions are
// kept in memory.
func New(t T, dir, bin string) *World {
	t.Helper()
	w := &World{
		Dir: dir, Home: filepath.Join(dir, "home"), Socket: filepath.Join(dir, "run", "socket"),
		Bin: bin, Limit: time.Minute, t: t,
	}
	w.Vars = map[string]string{
		"PATH":              os.Getenv("PATH"),
		"HOME":              w.Home,
		"UNDERSTUDY_SOCKET": w.Socket,
		"UNDERSTUDY_STORE":  "memory",
	}
	for _, folder := range []string{w.Home, filepath.Dir(w.Socket)} {
		w.must(os.MkdirAll(folder, 0o700))
	}
	return w
}

// TempDir makes a folder whose path is short enough for a socket; that of testing.T
// is not, because it has the test's name. The folder is removed at the end.
func TempDir(t T, stem string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", stem)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// For returns the same world for a subtest.
func (w *World) For(t T) *World {
	its := *w
	its.t = t
	return &its
}

func (w *World) must(err error) {
	if err != nil {
		w.t.Helper()
		w.t.Fatal(err)
	}
}

// Env returns the environment of the world's programs.
func (w *World) Env(more ...string) []string {
	env := make([]string, 0, len(w.Vars)+len(more))
	for _, name := range slices.Sorted(maps.Keys(w.Vars)) {
		env = append(env, name+"="+w.Vars[name])
	}
	return append(env, more...)
}

// Path returns the path of one of the two programs.
func (w *World) Path(program string) string { return filepath.Join(w.Bin, program) }

// Write puts a file into the home folder.
func (w *World) Write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.Home, name)
	w.must(os.MkdirAll(filepath.Dir(path), 0o700))
	w.must(os.WriteFile(path, []byte(text), 0o600))
}

// Read returns a file of the home folder, Append adds to one.
func (w *World) Read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.Home, name))
	w.must(err)
	return string(text)
}

func (w *World) Append(name, text string) {
	w.t.Helper()
	w.Write(name, w.Read(name)+text)
}

// On lets the world's programs find this D-Bus, and the keychain there.
func (w *World) On(bus *keyringtest.Bus) {
	w.Vars["UNDERSTUDY_STORE"] = "auto"
	w.Vars["DBUS_SESSION_BUS_ADDRESS"] = bus.Address
}
