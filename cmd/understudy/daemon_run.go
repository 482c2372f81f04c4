package main

import (
	"github.com/spf13/cobra"

	"understudy/daemon"
)

func newDaemonRunCommand(a *app) *cobra.Command {
	o := daemon.Options{Version: a.version, Stderr: a.err}
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the daemon in the foreground",
		Long: `Runs the daemon in the foreground, its log on standard error. Nobody has to: the
first program that needs credentials starts one in the background.`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error { return daemon.Run(c.Context(), o) },
	}
	c.Flags().BoolVar(&o.Detached, "detached", false, "started by another program: log to the state folder, let go of standard error when ready")
	c.Flags().StringVar(&o.ConfigFile, "config-file", "", "a config `file` to trust beside ~/.aws/config")
	c.Flags().StringVar(&o.CredentialsFile, "credentials-file", "", "a credentials `file` to trust beside ~/.aws/credentials")
	c.Flags().MarkHidden("detached")
	return c
}
