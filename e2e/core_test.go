//go:build linux

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"understudy/internal/canary"
	"understudy/internal/sandbox"
)

// crashed is what is left of a program that a signal ended.
type crashed struct {
	core bool   // the kernel says that it wrote one
	said string // on standard error
}

// limitless runs a program that may leave a core of any size in the world's
// folder, and that Go has die as loudly as it can.
func (w *world) limitless(stdout *os.File, argv ...string) (cmd *exec.Cmd, end func() crashed) {
	w.t.Helper()
	cmd = exec.Command("sh", append([]string{"-c", `ulimit -c unlimited; exec "$@"`, "sh"}, argv...)...)
	cmd.Env, cmd.Dir = append(w.Env(), "GOTRACEBACK=crash"), w.Dir
	var said bytes.Buffer
	cmd.Stderr = &said
	if stdout != nil {
		cmd.Stdout = stdout
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, func() crashed {
		cmd.Wait() // its error is that it crashed
		status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
		return crashed{status.CoreDump(), said.String()}
	}
}

// cores are the core files in the world's folder.
func (w *world) cores() []string {
	w.t.Helper()
	found, err := filepath.Glob(filepath.Join(w.Dir, "core*"))
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// fatal are the signals that leave a core.
var fatal = []syscall.Signal{syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGQUIT}

// A program that crashes with secrets in its memory leaves no core, and what Go
// then prints of every goroutine holds none of them.
func TestACrashLeavesNeitherACoreNorASecret(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t).withKeyring())
	if _, end := s.limitless(nil, "sh", "-c", "kill -SEGV $$"); !end().core {
		t.Skip("the kernel writes no core of any program here, so that none of ours proves nothing")
	}
	for _, path := range s.cores() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	s.STS.Set(sandbox.Behaviour{SecretMark: sessionMark})
	secrets := canary.Secrets{"session": sessionMark, "base key": sandbox.Example().Secret.Reveal()}
	check := func(name string, c crashed) {
		t.Helper()
		if c.core {
			t.Errorf("%s: a core was written", name)
		}
		if found := secrets.In(c.said); len(found) > 0 {
			t.Errorf("%s: what it said in the end holds the %v", name, found)
		}
		if !strings.Contains(c.said, "goroutine ") {
			t.Errorf("%s: it did not die loudly:\n%s", name, c.said)
		}
	}
	for _, signal := range fatal {
		daemon, end := s.limitless(nil, filepath.Join(bin, "understudy"), "daemon", "run")
		s.eventually("the daemon runs", patience, func() bool { return s.PID() != 0 })
		if o := s.Helper("actor"); !strings.Contains(o.Stdout, sessionMark) {
			t.Fatalf("no session: %s", o.Stderr)
		}
		s.eventuallyStored(patience)

		// The worker's end is the daemon's to know; what is left of it is a core,
		// or none.
		for _, worker := range children(t, daemon.Process.Pid) {
			if err := syscall.Kill(worker, signal); err != nil {
				t.Fatal(err)
			}
		}
		check("the helper, by "+signal.String(), s.crashHelper(signal))
		if err := daemon.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		check("the daemon, by "+signal.String(), end())
	}
	if found := s.cores(); len(found) > 0 {
		t.Errorf("cores: %v", found)
	}
	delete(secrets, "base key") // it stands where its owner put it
	if found := s.filesWith(secrets); len(found) > 0 {
		t.Errorf("on the disk: %v", found)
	}
}

// crashHelper ends a helper that has its answer and cannot print it: its output is
// a full pipe.
func (s *stand) crashHelper(signal syscall.Signal) crashed {
	s.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	size, err := unix.FcntlInt(w.Fd(), unix.F_GETPIPE_SZ, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, size)); err != nil {
		s.t.Fatal(err)
	}
	before := s.uses()
	helper, end := s.limitless(w, helperPath(), "actor")
	s.eventually("the helper has its answer", patience, func() bool { return s.uses() > before })
	if err := helper.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	return end()
}

// uses counts the answers of the world's one session.
func (s *stand) uses() int { return s.status().Sessions[0].Uses }

// children are the processes that a process started, at least one.
func children(t *testing.T, pid int) (all []int) {
	t.Helper()
	lists, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread that has ended has none
		for word := range strings.FieldsSeq(string(text)) {
			child, err := strconv.Atoi(word)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, child)
		}
	}
	if len(all) == 0 {
		t.Fatalf("process %d has no child", pid)
	}
	return all
}
