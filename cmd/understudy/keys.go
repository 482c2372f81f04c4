package main

import (
	"regexp"
	"sync"

	"github.com/spf13/cobra"

	"understudy/internal/keychain"
	"understudy/internal/longkeys"
)

func newKeysCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Keep long-lived access keys in the keychain",
		Long: `Keeps long-lived access keys in the keychain, for profiles that say
understudy_keys = keychain. Such a profile signs for the roles that stand on it.
Asked for itself it is served a session of its key, never the key, unless it says
understudy_raw = yes.

A key is kept under the name of its profile, whatever file that stands in.`,
		Args: noVerb,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newKeysAddCommand(a), newKeysImportCommand(a), newKeysListCommand(a), newKeysRotateCommand(a), newKeysRemoveCommand(a))
	return c
}

// keyShape is that of an access key ID or of a secret access key, given by
// mistake in a profile's place. It is not repeated.
var keyShape = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^((AKIA|ASIA)[A-Z0-9]{12,}|[A-Za-z0-9/+]{40})$`)
})

// oneProfile refuses other arguments than the name of one profile.
func oneProfile(verb string, args []string) error {
	example := "understudy keys " + verb + " base"
	switch {
	case len(args) == 0 || args[0] == "":
		return misused("keys "+verb+" needs the name of a profile", example)
	case len(args) > 1 && verb == "add":
		return misused("keys add takes a profile and nothing else; the key is asked for", example)
	case len(args) > 1:
		return misused("keys "+verb+" takes one profile", example)
	case keyShape().MatchString(args[0]):
		return misused("that is a key, and not the name of a profile; other programs may have seen it just now", example)
	}
	return nil
}

// withKeys works on the keys in the keychain. They do not go over the socket.
func withKeys(do func(longkeys.Keys) error) error {
	state, err := stateDir()
	if err != nil {
		return err
	}
	kind := secretKind{a: "a key", list: "understudy keys list"}
	return onKeychain(kind, func(k *keychain.Keychain) error {
		return do(longkeys.Keys{Store: k, Marks: longkeys.OpenMarks(state)})
	})
}

// changeKeys is withKeys while nobody else changes keys.
func changeKeys(do func(longkeys.Keys) error) error {
	state, err := stateDir()
	if err != nil {
		return err
	}
	return withKeys(func(k longkeys.Keys) error {
		unlock, err := longkeys.Lock(state)
		if err != nil {
			return err
		}
		defer unlock()
		return do(k)
	})
}
