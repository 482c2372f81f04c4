package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"understudy/internal/place"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// logOptions are the flags of `understudy daemon logs`.
type logOptions struct {
	follow, access bool
	lines          int
}

func newDaemonLogsCommand(a *app) *cobra.Command {
	var o logOptions
	c := &cobra.Command{
		Use:   "logs",
		Short: "Print the daemon's log, or who asked for credentials",
		Long: `Prints the end of the daemon's log. With --access it prints who asked for which
profile, and what came of it, in local time. No secret stands in either.`,
		Example: `  understudy daemon logs -f
  understudy daemon logs --access -n 200`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.lines < 0 {
				return misused(fmt.Sprintf("-n %d is less than none", o.lines), "understudy daemon logs -n 50")
			}
			return a.logs(c.Context(), o)
		},
	}
	c.Flags().BoolVarP(&o.follow, "follow", "f", false, "go on with what is written from now on, until Ctrl-C")
	c.Flags().IntVarP(&o.lines, "lines", "n", 50, "how many lines of what is there")
	c.Flags().BoolVar(&o.access, "access", false, "who asked, in place of the daemon's log")
	return c
}

// stateDir is where the daemon keeps its files, for verbs that read them.
func stateDir() (string, error) {
	dir, err := place.StateDir()
	if err != nil {
		return "", &wire.Error{Code: wire.BadConfig, Message: err.Error(), Hint: "set HOME, or XDG_STATE_HOME to an absolute path"}
	}
	return dir, nil
}

// noLog is why there is no log at path.
func noLog(path string) error {
	if now, err := look(); err == nil && now.Daemon != nil {
		return &wire.Error{Code: wire.NoDaemon,
			Message: fmt.Sprintf("the daemon that runs, pid %d, writes no log at %s", now.Daemon.PID, path),
			Hint:    "it runs in the foreground or has no state folder it may write to; make that folder yours, then: understudy daemon restart"}
	}
	return &wire.Error{Code: wire.NoDaemon, Message: "there is no log at " + path,
		Hint: "a daemon that runs in the background writes it: understudy daemon start"}
}

func (a *app) logs(ctx context.Context, o logOptions) error {
	dir, err := stateDir()
	if err != nil {
		return err
	}
	name, show := "daemon.log", text.Line
	if o.access {
		name, show = "access.log", accessLine
		// A daemon that is asked how it is has written who asked until now. Where
		// none runs there is nothing to wait for.
		_, _ = ask(wire.Request{Op: wire.Status, Skip: math.MaxInt32})
	}
	log := &tail{path: filepath.Join(dir, name)}
	defer log.close()
	emit := func(lines []string) error {
		if len(lines) == 0 {
			return nil
		}
		var b strings.Builder
		for _, line := range lines {
			b.WriteString(show(line) + "\n")
		}
		return a.write([]byte(b.String()))
	}
	lines, err := log.last(o.lines)
	switch {
	case errors.Is(err, os.ErrNotExist) && o.follow:
		a.note("there is no log yet; waiting for one at %s", text.Line(log.path))
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return noLog(log.path)
	case err != nil:
		return &wire.Error{Code: wire.NoDaemon, Message: err.Error(), Hint: "the state folder must be yours to read"}
	}
	if err := emit(lines); err != nil || !o.follow {
		return err
	}
	return log.follow(ctx, emit)
}
