package main

import (
	"runtime"

	"github.com/spf13/cobra"

	"understudy/internal/text"
)

func newVersionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of this program and of the daemon that runs",
		Args:  noArgument,
		RunE:  func(*cobra.Command, []string) error { return a.printVersion() },
	}
}

// printVersion says both versions. The daemon is often the older one: it goes
// on with the program that it was started from when the file is replaced.
func (a *app) printVersion() error {
	if err := a.say("understudy %s %s %s/%s", a.version, runtime.Version(), runtime.GOOS, runtime.GOARCH); err != nil {
		return err
	}
	now, err := look()
	switch {
	case err != nil:
		a.note("the daemon's version is not known: %s", text.Line(err.Error()))
		a.hint("understudy daemon restart")
		return nil
	case now.Daemon == nil:
		return a.say("daemon not running")
	}
	if err := a.say("daemon %s pid %d", text.Line(now.Daemon.Version), now.Daemon.PID); err != nil {
		return err
	}
	if now.Daemon.Version != a.version {
		a.note("the daemon is of another version than this program")
		a.hint("understudy daemon restart")
	}
	return nil
}
