//go:build linux

package e2e

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"understudy/e2e/outside"
	"understudy/internal/keychain/keyringtest"
)

// patience bounds what a test waits for, unless it says another time. The
// longest a helper may take is 50 s, and only while a person is asked.
const patience = 60 * time.Second

// world is a user's place on a machine: a home folder, a socket, an
// environment that holds nothing of the person who runs the test.
type world struct {
	t       *testing.T
	dir     string // everything is below it
	home    string
	socket  string
	keyring *keyringtest.Keyring // nil: sessions are kept in memory
	vars    map[string]string    // the environment of all that runs here

	credential *syscall.Credential // of all that runs here; nil: the test's own
	before     []string            // what all that runs here is an argument of
}

// newWorld makes a world without a keychain.
func newWorld(t *testing.T) *world {
	t.Helper()
	// t.TempDir holds the test's name, which is too long for a socket's path.
	dir, err := os.MkdirTemp("", "us-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	w := &world{
		t:      t,
		dir:    dir,
		home:   filepath.Join(dir, "home"),
		socket: filepath.Join(dir, "run", "socket"),
	}
	w.vars = map[string]string{
		"PATH":              os.Getenv("PATH"),
		"HOME":              w.home,
		"UNDERSTUDY_SOCKET": w.socket,
		"UNDERSTUDY_STORE":  "memory",
		// A data race in the daemon must not pass unseen.
		"GORACE": "log_path=" + filepath.Join(dir, "race"),
	}
	for _, sub := range []string{w.home, filepath.Dir(w.socket)} {
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(w.end)
	return w
}

// withKeyring gives the world an unlocked gnome-keyring on a bus of its own.
func (w *world) withKeyring() *world {
	w.t.Helper()
	return w.with(keyringtest.Start(w.t))
}

// with gives the world this keyring.
func (w *world) with(k *keyringtest.Keyring) *world {
	w.keyring = k
	return w.on(k.Bus)
}

// on lets the world's programs find this bus, and what answers there.
func (w *world) on(bus *keyringtest.Bus) *world {
	w.vars["UNDERSTUDY_STORE"] = "auto"
	w.vars["DBUS_SESSION_BUS_ADDRESS"] = bus.Address
	return w
}

func (w *world) env() []string {
	env := make([]string, 0, len(w.vars))
	for _, name := range slices.Sorted(maps.Keys(w.vars)) {
		env = append(env, name+"="+w.vars[name])
	}
	return env
}

// write puts a file into the home folder.
func (w *world) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// append adds to a file in the home folder.
func (w *world) append(name, text string) {
	w.t.Helper()
	old, err := os.ReadFile(filepath.Join(w.home, name))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(name, string(old)+text)
}

// outcome is what became of one program.
type outcome struct {
	name           string
	status         int // -1: it did not end by itself
	stdout, stderr string
	took           time.Duration
}

func (o outcome) seen() outside.Outcome {
	return outside.Outcome{Name: o.name, Status: o.status, Stdout: o.stdout, Stderr: o.stderr, Took: o.took}
}

func (o outcome) String() string { return o.seen().String() }

// run runs a program to its end.
func (w *world) run(argv ...string) outcome { return w.runWith(nil, argv...) }

// runWith is run with something changed about the command. It may be called
// from any goroutine of the test.
func (w *world) runWith(change func(*exec.Cmd), argv ...string) outcome {
	return w.runWithin(patience, change, argv...)
}

// runWithin is runWith for a program that may take another time.
func (w *world) runWithin(limit time.Duration, change func(*exec.Cmd), argv ...string) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	name := strings.Join(append([]string{filepath.Base(argv[0])}, argv[1:]...), " ")
	argv = append(slices.Clone(w.before), argv...)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: w.credential}
	cmd.Env = w.env()
	cmd.Dir = w.dir
	cmd.WaitDelay = time.Second
	if change != nil {
		change(cmd)
	}
	o := outside.Run(cmd)
	return outcome{name: name, status: o.Status, stdout: o.Stdout, stderr: o.Stderr, took: o.Took}
}

// helper runs what an SDK runs.
func (w *world) helper(profile string) outcome {
	return w.run(filepath.Join(bin, "understudy-credentials"), profile)
}

// understudy runs the people's command.
func (w *world) understudy(args ...string) outcome {
	return w.run(append([]string{filepath.Join(bin, "understudy")}, args...)...)
}

// keys is a helper's answer.
type keys struct {
	outside.Keys
	raw string
}

// served asserts that a helper succeeded, as SDKs want it, and returns the keys.
func (w *world) served(o outcome) keys {
	w.t.Helper()
	k, err := o.seen().Served()
	if err != nil {
		w.t.Fatalf("%v: %v", err, o)
	}
	return keys{k, o.stdout}
}

func (w *world) read(name string) string {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.home, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// of is the same world in a subtest.
func (w *world) of(t *testing.T) *world {
	its := *w
	its.t = t
	return &its
}
