package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"understudy/internal/status"
	"understudy/internal/text"
)

func newDaemonCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "daemon",
		Short: "Start, stop and watch the daemon",
		Long: `Starts, stops and watches the daemon. Nobody has to: the first program that
needs credentials starts one in the background.`,
		Args: noVerb,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		newDaemonRunCommand(a),
		newDaemonStartCommand(a),
		newDaemonStopCommand(a),
		newDaemonRestartCommand(a),
		newDaemonStatusCommand(a),
		newDaemonLogsCommand(a),
		newDaemonUnitCommand(a),
	)
	return c
}

// oneLine says which daemon runs and where it keeps sessions.
func oneLine(d *status.Daemon) string {
	line := fmt.Sprintf("pid %d, version %s, sessions in %s", d.PID, text.Line(d.Version), text.Line(d.Store))
	if d.StoreReason != "" {
		line += " (" + text.Line(d.StoreReason) + ")"
	}
	return line
}

func newDaemonStatusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say in one line whether the daemon runs; exit 1 when it does not",
		Args:  noArgument,
		RunE: func(*cobra.Command, []string) error {
			now, err := look()
			switch {
			case err != nil:
				return err
			case now.Daemon == nil:
				a.status = 1
				return a.say("not running")
			}
			up := time.Since(now.Daemon.StartedAt.Time)
			return a.say("running for %s: %s, %s", brief(up), oneLine(now.Daemon), count(len(now.Sessions), "session"))
		},
	}
}
