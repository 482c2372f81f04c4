//go:build linux

package e2e

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// console is a person's own terminal, with a program in front: its standard
// streams are the terminal's.
type console struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  interface{ Write([]byte) (int, error) }
	over chan error // how the program ended
	read chan struct{}

	mu     sync.Mutex
	screen bytes.Buffer
}

// atConsole starts a program at a terminal that answers, as terminals do, where
// its cursor is.
func (w *world) atConsole(argv ...string) *console {
	w.t.Helper()
	c := &console{t: w.t, cmd: exec.Command(argv[0], argv[1:]...), over: make(chan error, 1), read: make(chan struct{})}
	c.cmd.Env, c.cmd.Dir = append(w.Env(), "TERM=xterm-256color", "LANG=C.UTF-8"), w.Dir
	tty, err := pty.StartWithSize(c.cmd, &pty.Winsize{Rows: 24, Cols: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	c.tty = tty
	go func() { // ends with the terminal
		defer close(c.read)
		buf := make([]byte, 4096)
		for {
			n, err := tty.Read(buf)
			c.mu.Lock()
			c.screen.Write(buf[:n])
			c.mu.Unlock()
			if bytes.Contains(buf[:n], []byte("\x1b[6n")) {
				tty.Write([]byte("\x1b[1;1R"))
			}
			if err != nil {
				return
			}
		}
	}()
	go func() { c.over <- c.cmd.Wait() }() // ends with the program, which the cleanup kills
	w.t.Cleanup(func() {
		c.cmd.Process.Kill()
		tty.Close()
		<-c.read
	})
	return c
}

func (c *console) shown() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.screen.String()
}

func (c *console) await(text string) {
	c.t.Helper()
	for end := time.Now().Add(patience); !strings.Contains(c.shown(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("the screen never shows %q; it shows %q", text, c.shown())
		}
	}
}

func (c *console) types(text string) {
	c.t.Helper()
	if _, err := c.tty.Write([]byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// wait is the exit status of the program, when all that it wrote is on the
// screen.
func (c *console) wait() int {
	c.t.Helper()
	select {
	case <-c.over:
		select {
		case <-c.read: // nobody has the terminal open any more
		case <-time.After(patience):
			c.t.Fatal("something holds on to the terminal")
		}
		return c.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		c.t.Fatalf("it does not end; the screen shows %q", c.shown())
	}
	return -1
}

func TestAPersonPicksAProfileByAFewLetters(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	c := s.atConsole(filepath.Join(bin, "understudy"), "get")
	c.await("role via keys of base, us-east-1")
	c.types("atr")
	c.await("1/2")
	c.types("\r")
	if status := c.wait(); status != 0 {
		t.Fatalf("status %d; the screen shows %q", status, c.shown())
	}
	if key := s.served(s.Helper("actor")).AccessKeyID; !strings.Contains(c.shown(), `"AccessKeyId":"`+key+`"`) {
		t.Errorf("the profile that was picked is not served: %q", c.shown())
	}

	c = s.atConsole(filepath.Join(bin, "understudy"), "forget")
	c.await("ready, Actor")
	c.types("\r")
	c.await("forgot 1 session of actor")
	if status := c.wait(); status != 0 {
		t.Errorf("status %d", status)
	}
}

func TestAPersonPicksWhatIsToBeMovedInOrOut(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	s.Append(".aws/config", "[profile plain]\nrole_arn = "+standRole+"\nsource_profile = base\n")
	for _, step := range []struct{ verb, name, absent, count string }{{"adopt", "plain", "base", "1/1"}, {"release", "plain", "base", "1/2"}} {
		c := s.atConsole(filepath.Join(bin, "understudy"), step.verb)
		c.await("role via keys of base")
		if strings.Contains(c.shown(), step.absent+"  ") {
			t.Errorf("%s offers %s: %q", step.verb, step.absent, c.shown())
		}
		c.types(step.name)
		c.await(step.count)
		c.types("\r")
		c.await("[y/N]")
		c.types("y\r")
		if status := c.wait(); status != 0 {
			t.Fatalf("%s: status %d; the screen shows %q", step.verb, status, c.shown())
		}
	}
}

func TestCtrlCAtThePickerEndsItAndLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	for name, keys := range map[string]string{"Ctrl-C": "\x03", "Escape": "\x1b"} {
		c := s.atConsole("sh", "-c", `stty -g; `+filepath.Join(bin, "understudy")+` get; echo "status $?"; stty -g`)
		c.await("actor")
		c.types(keys)
		c.await("status 130")
		if status := c.wait(); status != 0 {
			t.Fatalf("status %d", status)
		}
		modes := strings.FieldsFunc(c.shown(), func(r rune) bool { return r == '\r' || r == '\n' })
		if first, last := modes[0], modes[len(modes)-1]; first != last || !strings.Contains(first, ":") {
			t.Errorf("%s: the terminal was %q and is %q", name, first, last)
		}
	}
	if s.PID() != 0 {
		t.Error("a daemon was started for nothing")
	}
}

func TestASignalAtThePickerEndsIt(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	c := s.atConsole(filepath.Join(bin, "understudy"), "get")
	c.await("actor")
	c.cmd.Process.Signal(syscall.SIGTERM)
	if status := c.wait(); status == 0 {
		t.Errorf("status %d; the screen shows %q", status, c.shown())
	}
}

func TestNobodyIsAskedToPickWhereAScriptRuns(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	for _, verb := range []string{"get", "forget"} {
		// A terminal that it could open is there, but its output is read.
		term := s.atTerminal(filepath.Join(bin, "understudy"), verb)
		if o := term.wait(); o.Status != 2 || o.Stdout != "" || !strings.Contains(o.Stderr, verb+" needs the name of a profile") {
			t.Errorf("%v", o)
		}
	}
}
