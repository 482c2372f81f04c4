//go:build linux

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"understudy/e2e/outside"
)

// pid is the process that listens on the world's socket; 0 when none does.
func (w *world) pid() int { return outside.PID(w.socket) }

// alive asserts that the daemon is there and still the one with this pid.
func (w *world) alive(pid int) {
	w.t.Helper()
	if now := w.pid(); pid == 0 || now != pid {
		w.t.Errorf("the daemon was process %d and is now %d (0: none)\n%s", pid, now, w.log())
	}
}

// kill ends the daemon without a warning, and waits until it is gone.
func (w *world) kill() {
	w.t.Helper()
	pid := w.pid()
	if pid == 0 {
		w.t.Fatal("there is no daemon to kill")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		w.t.Fatal(err)
	}
	outside.Gone(pid, 5*time.Second)
}

// end takes the world's daemon down; no helper may start another.
func (w *world) end() {
	if pid := w.pid(); pid != 0 {
		syscall.Kill(pid, syscall.SIGTERM)
		if !outside.Gone(pid, 5*time.Second) {
			w.t.Errorf("the daemon does not end on SIGTERM within 5 s\n%s", w.log())
			syscall.Kill(pid, syscall.SIGKILL)
			outside.Gone(pid, 5*time.Second)
		}
	}
	races, _ := filepath.Glob(filepath.Join(w.dir, "race.*"))
	for _, race := range races {
		text, _ := os.ReadFile(race)
		w.t.Errorf("a data race in the daemon:\n%s", text)
	}
	if w.t.Failed() {
		w.t.Logf("the daemon's log:\n%s", w.log())
	}
}

// log is the daemon's log, for the report of a test that fell.
func (w *world) log() string {
	text, err := os.ReadFile(filepath.Join(w.home, ".local/state/understudy/daemon.log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

type (
	status        = outside.Status
	sessionStatus = outside.SessionStatus
)

func (w *world) status() status {
	w.t.Helper()
	o := w.understudy("status", "--json")
	var s status
	if err := json.Unmarshal([]byte(o.stdout), &s); err != nil || o.status != 0 {
		w.t.Fatalf("%v: %v", o, err)
	}
	return s
}

// eventually waits for something that happens behind an answer, such as a write
// to the keychain.
func (w *world) eventually(what string, within time.Duration, true func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(within); !true(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not within %v: %s\n%s", within, what, w.log())
		}
	}
}
