package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"understudy/internal/text"
	"understudy/internal/wire"
)

func newForgetCommand(a *app) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "forget [PROFILE | --all]",
		Short: "Drop a profile's session, or all, from memory and the keychain",
		Long: `Drops the session that was served as a profile, or every one, from the daemon's
memory and from the keychain; --all drops the sign-ins at IAM Identity Center
too. AWS does not hear of it: whoever has the session already may use it until it
ends. The next request fetches a new one.

At a terminal it lets you choose where neither PROFILE nor --all is given.

A daemon is started where none runs, since it alone knows what the keychain has.`,
		Example: `  understudy forget prod
  understudy forget --all`,
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case all && len(args) > 0:
				return misused("forget takes a profile or --all, not both", "understudy forget "+args[0])
			case !all && (len(args) == 0 && !a.canPick() || len(args) > 0 && args[0] == ""):
				return misused("forget needs the name of a profile, or --all", "understudy forget prod")
			case len(args) > 1:
				return misused("forget takes one profile", "understudy forget "+args[0])
			case all:
				return a.forget(wire.Request{Op: wire.Forget, All: true})
			case len(args) == 0:
				return a.forgetOne()
			}
			return a.forget(wire.Request{Op: wire.Forget, Profile: args[0]})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "drop every session")
	return c
}

// forgetOne lets a person choose among the profiles that have a session.
func (a *app) forgetOne() error {
	now, err := look()
	if err != nil {
		return err
	}
	var choices []choice
	for _, s := range now.Sessions {
		for _, name := range s.Profiles {
			choices = append(choices, choice{name, strings.Trim(string(s.State)+", "+roleName(s.RoleARN), ", ")})
		}
	}
	if len(choices) == 0 {
		return a.say("there was no session to forget")
	}
	profile, ok, err := a.pick("forget", choices)
	if err != nil || !ok {
		return err
	}
	return a.forget(wire.Request{Op: wire.Forget, Profile: profile})
}

func (a *app) forget(r wire.Request) error {
	body, err := askStarted(r)
	if err != nil {
		return err
	}
	var reply struct{ Forgotten int }
	if err := json.Unmarshal(body, &reply); err != nil {
		return notUnderstood(err)
	}
	switch {
	case reply.Forgotten == 0:
		return a.say("there was no session to forget")
	case r.All:
		return a.say("forgot %s", count(reply.Forgotten, "session"))
	}
	return a.say("forgot %s of %s", count(reply.Forgotten, "session"), text.Line(r.Profile))
}

// count is n with its noun: "1 session", "2 sessions".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
