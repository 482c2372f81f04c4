//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"understudy/internal/keychain/keyringtest"
	"understudy/internal/testbed"
)

// patience is how long a test waits unless it sets another limit. A helper takes
// 50 s at most, and only while the user is asked.
const patience = 60 * time.Second

// world is a user's place on a machine, without a keychain at first.
type world struct {
	*testbed.World
	t       *testing.T
	keyring *keyringtest.Keyring // nil: sessions are kept in memory
}

type (
	outcome       = testbed.Outcome
	keys          = testbed.Answer
	status        = testbed.Status
	sessionStatus = testbed.SessionStatus
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: testbed.New(t, testbed.TempDir(t, "us-"), bin), t: t}
	w.as(nil)
	// A data race in the daemon must not pass unseen.
	w.Vars["GORACE"] = "log_path=" + filepath.Join(w.Dir, "race")
	t.Cleanup(w.end)
	return w
}

// as makes everything run as user; nil is the user who runs the tests.
func (w *world) as(user *syscall.Credential) {
	w.Change = func(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user} }
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

func (w *world) on(bus *keyringtest.Bus) *world {
	w.On(bus)
	return w
}

// runWith is Run, after change was applied to the command.
func (w *world) runWith(change func(*exec.Cmd), argv ...string) outcome {
	return w.Begin(change, argv...)()
}

// runWithin is runWith with another time limit.
func (w *world) runWithin(limit time.Duration, change func(*exec.Cmd), argv ...string) outcome {
	its := w.of(w.t)
	its.Limit = limit
	return its.runWith(change, argv...)
}

// served asserts that a helper succeeded, as SDKs want it, and returns the keys.
func (w *world) served(o outcome) keys {
	w.t.Helper()
	k, err := o.Served()
	if err != nil {
		w.t.Fatalf("%v: %v", err, o)
	}
	return k
}

// of is the same world in a subtest.
func (w *world) of(t *testing.T) *world {
	its := *w
	its.t, its.World = t, w.For(t)
	return &its
}

// alive asserts that the daemon is running and still has this pid.
func (w *world) alive(pid int) {
	w.t.Helper()
	if now := w.PID(); pid == 0 || now != pid {
		w.t.Errorf("the daemon was process %d and is now %d (0: none)\n%s", pid, now, w.log())
	}
}

// end stops the world's daemon, and fails the test if it had a data race.
func (w *world) end() {
	if err := w.Halt(); err != nil {
		w.t.Errorf("%v\n%s", err, w.log())
	}
	races, _ := filepath.Glob(filepath.Join(w.Dir, "race.*"))
	for _, race := range races {
		text, _ := os.ReadFile(race)
		w.t.Errorf("a data race in the daemon:\n%s", text)
	}
	if w.t.Failed() {
		w.t.Logf("the daemon's log:\n%s", w.log())
	}
}

// log returns the daemon's log, for the report of a failed test.
func (w *world) log() string {
	text, err := os.ReadFile(filepath.Join(w.Home, ".local/state/understudy/daemon.log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (w *world) status() status {
	w.t.Helper()
	s, err := w.Status()
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// eventually waits for something that happens after an answer, such as a write
// to the keychain.
func (w *world) eventually(what string, within time.Duration, true func() bool) {
	w.t.Helper()
	if !testbed.Within(within, true) {
		w.t.Fatalf("not within %v: %s\n%s", within, what, w.log())
	}
}
