// Command demo shows a session's whole life with the real binaries in bin/: a
// cold call and a warm one, fifty callers at once, a renewal, a killed daemon, a
// code that is asked for once, an STS that is down, a role that is refused. It brings its own STS, its own
// configuration and, where gnome-keyring is installed, its own keychain, and
// touches nothing outside a temp folder. It checks what it shows: its exit
// status is 0 only when every step came out as it says.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// limit is how long the whole may take.
const limit = 2 * time.Minute

// inside is set for the copy of the demo that runs in a D-Bus session of its own.
const inside = "UNDERSTUDY_DEMO_SESSION"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if status, ran := inOwnSession(ctx); ran {
		os.Exit(status)
	}
	if err := run(ctx); err != nil {
		fmt.Printf("\ndemo: %v\n", err)
		os.Exit(1)
	}
}

// inOwnSession runs the demo again below a private D-Bus session, so that the
// keychain it shows is not yours; ran is false where that cannot be had.
func inOwnSession(ctx context.Context) (status int, ran bool) {
	if os.Getenv(inside) != "" {
		return 0, false
	}
	session, err1 := exec.LookPath("dbus-run-session")
	_, err2 := exec.LookPath("gnome-keyring-daemon")
	self, err3 := os.Executable()
	if err1 != nil || err2 != nil || err3 != nil {
		return 0, false
	}
	cmd := exec.CommandContext(ctx, session, "--", self)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdout = os.Stdout // and no stderr: the bus complains there of limits it may not set
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return max(cmd.ProcessState.ExitCode(), 1), true
	}
	return 0, true
}

func run(ctx context.Context) error {
	began := time.Now()
	bin, err := filepath.Abs("bin")
	if err != nil {
		return err
	}
	w, err := newWorld(ctx, bin)
	if err != nil {
		return err
	}
	defer w.close()
	for i, s := range steps() {
		fmt.Printf("\n%d. %s\n", i+1, s.title)
		if err := s.play(ctx, w); err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
	}
	fmt.Printf("\nAll as promised, in %d s. Everything was in %s, which is removed now.\n", int(time.Since(began).Seconds()), w.dir)
	return nil
}

func say(format string, args ...any) { fmt.Printf("   "+format+"\n", args...) }
