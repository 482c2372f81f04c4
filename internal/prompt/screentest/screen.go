//go:build linux

// Package screentest gives a test a screen of its own, an X server without a
// window manager, and a person before it.
package screentest

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// limit is how long anything on the screen may take.
const limit = 20 * time.Second

// Screen is an X server that nobody sees.
type Screen struct {
	Display string

	t      testing.TB
	server *exec.Cmd
}

// Start starts one on a display number that no other has; it ends with the test.
// The test is skipped, in one line, where it or one of the programs that are to
// draw on it is not installed; with CI=true that is an error.
func Start(t testing.TB, programs ...string) *Screen {
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
	s := &Screen{t: t, server: cmd}
	t.Cleanup(s.Kill)
	if err := r.SetReadDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n') // it prints it when it listens
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	s.Display = ":" + strings.TrimSpace(number)
	return s
}

// Kill ends the server as a crash would.
func (s *Screen) Kill() {
	_ = s.server.Process.Kill()
	_ = s.server.Wait()
}

// Env is what a program needs to draw there, and not to find whoever runs the
// test: nobody's other screen, no session bus.
func (s *Screen) Env() map[string]string {
	return map[string]string{
		"DISPLAY": s.Display, "WAYLAND_DISPLAY": "", "XAUTHORITY": "",
		"DBUS_SESSION_BUS_ADDRESS": "disabled:", "LC_ALL": "C.UTF-8",
	}
}

// Window waits for the window with this title and gives it the keyboard, as a
// window manager would.
func (s *Screen) Window(title string) (id string) {
	s.t.Helper()
	id = s.Do("search", "--sync", "--onlyvisible", "--limit", "1", "--name", title)
	s.Do("windowfocus", "--sync", id)
	return id
}

// PID is the process whose window it is.
func (s *Screen) PID(window string) int {
	s.t.Helper()
	pid, err := strconv.Atoi(s.Do("getwindowpid", window))
	if err != nil {
		s.t.Fatal(err)
	}
	return pid
}

// Type types text into the window that has the keyboard, then Return.
func (s *Screen) Type(text string) {
	s.t.Helper()
	s.Do("type", text)
	s.Do("key", "Return")
}

// Do runs xdotool.
func (s *Screen) Do(args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.Display)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("xdotool %v: %v: %s", args, err, said.String())
	}
	return strings.TrimSpace(string(out))
}

func need(t testing.TB, programs ...string) {
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
