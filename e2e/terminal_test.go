//go:build linux

package e2e

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is a program at a pseudo-terminal of its own, and who types there.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	out  bytes.Buffer // its standard output, which is no terminal: an SDK reads it
	err  bytes.Buffer
	read chan struct{} // closed when the screen shows no more

	mu     sync.Mutex
	screen bytes.Buffer
}

// atTerminal starts a program whose controlling terminal is a new one. Its
// standard streams are pipes, as those of a helper that an SDK runs.
func (w *world) atTerminal(argv ...string) *terminal {
	w.t.Helper()
	t := &terminal{t: w.t, cmd: exec.Command(argv[0], argv[1:]...), read: make(chan struct{})}
	tty, slave, err := pty.Open()
	if err != nil {
		w.t.Fatal(err)
	}
	t.tty = tty
	t.cmd.Env, t.cmd.Dir = w.Env(), w.Dir
	t.cmd.Stdout, t.cmd.Stderr = &t.out, &t.err
	t.cmd.ExtraFiles = []*os.File{slave} // descriptor 3
	t.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	if err := t.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	slave.Close()
	go func() { // ends with the terminal, which the cleanup closes
		defer close(t.read)
		buf := make([]byte, 4096)
		for {
			n, err := tty.Read(buf)
			t.mu.Lock()
			t.screen.Write(buf[:n])
			t.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	w.t.Cleanup(func() {
		t.cmd.Process.Kill()
		tty.Close()
		<-t.read
	})
	return t
}

// shows reports whether the screen has text on it.
func (t *terminal) shows(text string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Contains(t.screen.String(), text)
}

func (t *terminal) await(text string) {
	t.t.Helper()
	for end := time.Now().Add(patience); !t.shows(text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.t.Fatalf("the screen never shows %q; it shows %q", text, t.screen.String())
		}
	}
}

func (t *terminal) types(text string) {
	t.t.Helper()
	if _, err := io.WriteString(t.tty, text); err != nil {
		t.t.Fatal(err)
	}
}

// wait waits for the program's end.
func (t *terminal) wait() outcome {
	t.t.Helper()
	over := make(chan error, 1)
	go func() { over <- t.cmd.Wait() }()
	o := outcome{Name: t.cmd.Path}
	select {
	case err := <-over:
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			o.Status = exit.ExitCode()
		} else if err != nil {
			t.t.Fatal(err)
		}
	case <-time.After(patience):
		t.t.Fatal("it does not end")
	}
	o.Stdout, o.Stderr = t.out.String(), t.err.String()
	return o
}
