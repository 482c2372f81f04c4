// Command demo shows a session's whole life with the real binaries in bin/: a
// cold call and a warm one, fifty callers at once, a renewal, a killed daemon, a
// code that is asked for once, an STS that is down, a role that is refused. It
// brings its own STS, its own configuration and, if gnome-keyring is installed, its
// own keychain, and touches nothing outside a temp folder. It checks what it shows:
// its exit status is 0 only if every step came out as it says.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"understudy/internal/testbed"
)

// limit is how long the demo may take; it is checked before each step.
const limit = 2 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a step does not end early, but a second signal ends the demo
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Printf("\ndemo: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	began := time.Now()
	bin, err := filepath.Abs("bin")
	if err != nil {
		return err
	}
	p := &testbed.Program{Stem: "understudy-demo-"}
	defer p.Close()
	return p.Try(func() {
		w := newWorld(p, bin)
		for i, s := range steps() {
			if ctx.Err() != nil {
				p.Fatal(context.Cause(ctx))
			}
			fmt.Printf("\n%d. %s\n", i+1, s.title)
			if err := s.play(w); err != nil {
				p.Fatalf("%s: %w", s.title, err)
			}
		}
		fmt.Printf("\nAll as promised, in %d s. Everything was in %s, which is removed now.\n", int(time.Since(began).Seconds()), w.Dir)
	})
}

func say(format string, args ...any) { fmt.Printf("   "+format+"\n", args...) }
