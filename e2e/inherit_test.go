//go:build linux

package e2e

import (
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// A program that has handed the helper the end of a pipe, as a shell with
// redirections does, waits for its end; the daemon that was started must not be
// what it waits for.
func TestADaemonKeepsNothingOpenOfWhoeverStartedIt(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	o := s.runWith(func(c *exec.Cmd) { c.ExtraFiles = []*os.File{w} }, helperPath(), "actor")
	w.Close()
	s.served(o)
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); err != nil {
		t.Errorf("the pipe is still open with the helper gone: %v", err)
	}
	s.alive(s.PID())
}
