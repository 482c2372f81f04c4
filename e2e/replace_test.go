//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/testbed"
)

// Helpers of both versions ask while the daemon of the version before is replaced.
func TestARestartReplacesTheDaemonOfTheVersionBeforeWithoutALostRequest(t *testing.T) {
	t.Parallel()
	before, now, s := needBaseline(t), current(t), newKeyringStand(t)
	first := s.serves(before)
	s.eventuallyStored(patience)
	s.runs(before)
	l := s.load(first, before.helper(), before.helper(), now.helper(), now.helper())
	l.goesOn()

	s.does(now, "daemon", "restart")
	s.runs(now)
	l.goesOn()
	l.end()
	s.runs(now)
	s.fetched(1)
}

// Programs are replaced as an installation does it: each by one rename, with no
// word to the daemon.
func TestTheNextHelperStartsTheNewDaemonAfterSIGTERMWithoutALostRequest(t *testing.T) {
	t.Parallel()
	before, now, s := needBaseline(t), current(t), newKeyringStand(t)
	installed := release{filepath.Join(s.Dir, "bin"), now.version}
	installed.take(t, before)
	first := s.serves(installed)
	s.eventuallyStored(patience)
	s.runs(before)
	l := s.load(first, installed.helper(), installed.helper(), installed.helper(), installed.helper())
	l.goesOn()

	installed.take(t, now)
	l.goesOn()
	s.runs(before) // until it ends
	s.terminate()
	l.goesOn()
	s.runs(now)
	l.end()
	s.fetched(1)
}

// Two installations share one daemon: whichever helper comes first starts its own.
func TestDaemonsOfTwoVersionsTakeTurnsWithoutALostRequest(t *testing.T) {
	t.Parallel()
	before, now, s := needBaseline(t), current(t), newKeyringStand(t)
	first := s.serves(before)
	s.eventuallyStored(patience)
	l := s.load(first, before.helper(), before.helper(), now.helper(), now.helper())
	seen := map[string]int{}
	for range 6 {
		l.goesOn()
		seen[s.status().Daemon.Version]++
		s.terminate()
	}
	l.goesOn()
	l.end()
	t.Logf("daemons by version: %v", seen)
	s.fetched(1)
}

// A fetch that ends with the daemon is begun again by the next one.
func TestARequestThatWaitsForSTSSurvivesTheReplacementOfTheDaemon(t *testing.T) {
	t.Parallel()
	before, now := needBaseline(t), current(t)
	for name, from := range map[string]release{"of the version before": before, "of this version": now} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newKeyringStand(t)
			s.does(from, "daemon", "start")
			s.STS.Set(sandbox.Behaviour{Fault: sandbox.Fault{Silent: true}})
			waiting := make(chan outcome, 1)
			go func() { waiting <- s.Run(now.helper(), "actor") }()
			s.eventually("STS is called", patience, func() bool { return len(s.STS.Calls()) == 1 })

			s.does(now, "daemon", "restart")
			s.STS.Set(sandbox.Behaviour{})
			s.served(<-waiting)
			s.runs(now)
		})
	}
}

// terminate sends SIGTERM to the daemon and waits for its end.
func (w *world) terminate() {
	w.t.Helper()
	pid := w.PID()
	if pid == 0 {
		w.t.Fatal("no daemon is running")
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		w.t.Fatal(err)
	}
	if !testbed.Gone(pid, 5*time.Second) {
		w.t.Fatalf("the daemon is still there 5 s after SIGTERM\n%s", w.log())
	}
}

// take puts the programs of another release in place of r's own.
func (r release) take(t *testing.T, other release) {
	t.Helper()
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"understudy", "understudy-credentials"} {
		path := filepath.Join(r.dir, name)
		// By a program: a file that this process has open to write cannot be run by
		// a process that it starts meanwhile.
		if out, err := exec.Command("install", "-m", "755", filepath.Join(other.dir, name), path+".new").CombinedOutput(); err != nil {
			t.Fatalf("install: %s", out)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
}
