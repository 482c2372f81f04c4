package main

import (
	"github.com/spf13/cobra"

	"understudy/internal/keychain"
)

// The worker is the daemon's child that talks to the keychain; see
// internal/keychain for why it is a process of its own.
func newKeychainWorkerCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "keychain-worker",
		Short:  "Serve the keychain to the daemon over standard input and output",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(c *cobra.Command, _ []string) error { return keychain.Serve(c.Context(), a.in, a.out) },
	}
}
