package prompt

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// screen is an X server of one test, without a window manager.
type screen struct {
	t       *testing.T
	display string
	server  *exec.Cmd
}

// startScreen starts one on a display number of its own and makes it the
// process's; it ends with the test.
func startScreen(t *testing.T, programs ...string) *screen {
	t.Helper()
	need(t, append(programs, "Xvfb", "xdotool")...)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, server: cmd}
	t.Cleanup(s.kill)
	r.SetReadDeadline(time.Now().Add(20 * time.Second))
	number, err := bufio.NewReader(r).ReadString('\n') // it prints it when it listens
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	s.display = ":" + strings.TrimSpace(number)
	for name, value := range map[string]string{
		"DISPLAY": s.display, "WAYLAND_DISPLAY": "", "XAUTHORITY": "",
		"HOME": t.TempDir(), "GNUPGHOME": "", "LC_ALL": "C.UTF-8",
		"DBUS_SESSION_BUS_ADDRESS": "disabled:", // nothing of whoever runs the test is asked
	} {
		t.Setenv(name, value)
	}
	return s
}

func (s *screen) kill() {
	_ = s.server.Process.Kill()
	_ = s.server.Wait()
}

// do runs xdotool with commands that follow each other.
func (s *screen) do(args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		s.t.Errorf("xdotool %v: %v: %s", args, err, said.String())
	}
	return strings.TrimSpace(string(out))
}

// window waits for the dialog's window and gives it the keyboard, as a window
// manager would.
func (s *screen) window(title string) string {
	s.t.Helper()
	id := s.do("search", "--sync", "--onlyvisible", "--limit", "1", "--name", title)
	s.do("windowfocus", "--sync", id)
	return id
}

// need skips the test where a program is not installed, in one line; with
// CI=true it is an error, since nothing would be tested.
func need(t *testing.T, programs ...string) {
	t.Helper()
	var missing []string
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			missing = append(missing, p)
		}
	}
	switch {
	case missing == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("not installed: %s", strings.Join(missing, ", "))
	default:
		t.Skipf("not installed: %s", strings.Join(missing, ", "))
	}
}
