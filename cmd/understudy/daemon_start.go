package main

import (
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"understudy/internal/settings"
	"understudy/internal/status"
	"understudy/internal/wire"
)

func newDaemonStartCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "start",
		Short: "Start the daemon in the background unless it runs",
		Long: `Starts the daemon in the background unless it runs. The files that AWS_CONFIG_FILE
and AWS_SHARED_CREDENTIALS_FILE name now are trusted by the daemon that is
started; see: understudy trust --help`,
		Args: noArgument,
		RunE: func(*cobra.Command, []string) error {
			before, err := look()
			if err != nil {
				return err
			}
			if before.Daemon != nil {
				return a.say("already running: %s", oneLine(before.Daemon))
			}
			return a.start("started")
		},
	}
}

func newDaemonRestartCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "restart",
		Short: "Stop the daemon where one runs, and start it",
		Long: `Stops the daemon where one runs, and starts one: the way to put a new version of
the program, or settings that wait for a restart, into effect. Sessions in the
keychain go on; those in memory are fetched anew.`,
		Args: noArgument,
		RunE: func(*cobra.Command, []string) error {
			// With settings that none starts with, the one that runs is worth more.
			if _, err := settings.Load(); err != nil {
				return err
			}
			endBySignal()
			l, _, _, err := newLauncher()
			if err != nil {
				return err
			}
			if err := l.Replace(a.stopIfRunning); err != nil {
				return err
			}
			return a.start("restarted")
		},
	}
}

func (a *app) stopIfRunning() error {
	_, err := a.stopDaemon()
	if errors.Is(err, wire.ErrNotRunning) {
		return nil
	}
	return err
}

// start has a daemon running when it returns, and says which.
func (a *app) start(done string) error {
	body, err := askStarted(wire.Request{Op: wire.Status})
	if err != nil {
		return err
	}
	var page struct{ Daemon status.Daemon }
	if err := json.Unmarshal(body, &page); err != nil {
		return notUnderstood(err)
	}
	return a.say("%s: %s", done, oneLine(&page.Daemon))
}
