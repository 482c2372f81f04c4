package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/spf13/cobra"
)

func newStatusCommand(a *app) *cobra.Command {
	var asJSON, watch bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Show the sessions that the daemon has",
		Long: `Shows every session that the daemon has: who uses it, how long it lasts, and
what went wrong last. It asks the daemon that runs and starts none.

With --json it prints one JSON document, in which "daemon" is null when none
runs. No secret, token or access key ID stands in either.`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case asJSON && watch:
				return misused("--json and --watch do not go together", "understudy status --json")
			case asJSON:
				return a.statusJSON()
			case watch:
				return a.watch(c.Context())
			}
			return a.statusTable()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.Flags().BoolVar(&watch, "watch", false, "draw it anew every 2 seconds until Ctrl-C")
	return c
}

func (a *app) statusJSON() error {
	endBySignal()
	r, err := askStatus()
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return notUnderstood(err)
	}
	return a.write(append(b, '\n'))
}

func (a *app) statusTable() error {
	now, err := look()
	if err != nil {
		return err
	}
	return a.write([]byte(table(now, time.Now(), screenOf(a.out, os.Getenv))))
}
