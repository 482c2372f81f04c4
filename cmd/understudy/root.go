package main

import (
	"io"

	"github.com/spf13/cobra"
)

// app is what every verb works with.
type app struct {
	in       io.Reader
	out, err io.Writer
	version  string

	running bool   // a verb runs: errors are no longer about the words
	profile string // the profile that the verb is about, for messages
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:               "understudy",
		Short:             "Keeps AWS role sessions ready for every SDK and CLI on this machine",
		Version:           a.version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              cobra.NoArgs,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRun:  func(*cobra.Command, []string) { a.running = true },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.AddCommand(newDaemonCommand(a), newKeychainWorkerCommand(a))
	return root
}

func newDaemonCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "daemon",
		Short: "Run, start, stop and watch the daemon",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newDaemonRunCommand(a))
	return c
}
