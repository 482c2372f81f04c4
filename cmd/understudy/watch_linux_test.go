package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pseudoTerminal returns both ends: what is written to the terminal is read
// from the master.
func pseudoTerminal(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { terminal.Close() })
	unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
	return master, terminal
}

// readUntil reads from the terminal until it has shown want.
func readUntil(t *testing.T, master *os.File, seen *strings.Builder, want string) {
	t.Helper()
	buf := make([]byte, 4096)
	for !strings.Contains(seen.String(), want) {
		n, err := master.Read(buf)
		if err != nil {
			t.Fatalf("the terminal ended (%v) after %q", err, seen.String())
		}
		seen.Write(buf[:n])
	}
}

func TestWatchDrawsAgainAndGivesTheTerminalBack(t *testing.T) {
	master, terminal := pseudoTerminal(t)
	t.Setenv("UNDERSTUDY_SOCKET", filepath.Join(t.TempDir(), "s"))
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- (&app{out: terminal}).watch(ctx) }()

	var seen strings.Builder
	readUntil(t, master, &seen, enterScreen)
	const drawn = "no daemon is running"
	readUntil(t, master, &seen, drawn)
	var again strings.Builder
	readUntil(t, master, &again, drawn)
	cancel()
	readUntil(t, master, &again, leaveScreen)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.HasSuffix(again.String(), leaveScreen) {
		t.Errorf("something follows the terminal's restoration: %q", again.String())
	}
}

func TestColoursComeOnATerminalWithoutNoColorOnly(t *testing.T) {
	_, terminal := pseudoTerminal(t)
	for _, c := range []struct {
		name  string
		env   map[string]string
		want  bool
		width int
	}{
		{"a terminal", map[string]string{"TERM": "xterm"}, true, 80},
		{"NO_COLOR", map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false, 80},
		{"a dumb terminal", map[string]string{"TERM": "dumb"}, false, 80},
	} {
		s := screenOf(terminal, func(name string) string { return c.env[name] })
		if s.colour != c.want || s.width != c.width || !s.terminal {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
	if s := screenOf(&strings.Builder{}, func(string) string { return "" }); s.terminal || s.colour || s.width != 0 {
		t.Errorf("a buffer: %+v", s)
	}
}
