package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"understudy/internal/status"
	"understudy/internal/text"
	"understudy/internal/wire"
)

func newLoginCommand(a *app) *cobra.Command {
	var device bool
	c := &cobra.Command{
		Use:   "login [PROFILE]",
		Short: "Answer now what a profile needs a person for",
		Long: `Fetches the session of a profile, with a person there to be asked: for an MFA
code in this terminal, whatever the settings say of asking. Every program that
waits for the answer gets its session, and what is asked for later is served
without a question until the login ends.

A sign-in at IAM Identity Center opens the browser of this machine, or where
there is none shows a page and a code for the browser of any other; --device asks
for the latter, as over SSH.

A login that still lasts for 20 minutes or more is left as it is. PROFILE is
$AWS_PROFILE where none is named; where that is not set either, a terminal lets
you choose, and elsewhere it is "default".`,
		Example: `  understudy login prod
  understudy login --device prod`,
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return misused("login takes one profile", "understudy login "+args[0])
			}
			if len(args) == 0 && (os.Getenv("AWS_PROFILE") != "" || !a.canPick()) {
				args = []string{cmp.Or(os.Getenv("AWS_PROFILE"), "default")}
			}
			profile, ok, err := a.profileOf(c.Context(), "login", args)
			if err != nil || !ok {
				return err
			}
			a.profile = profile
			return a.loggedIn(askStarted(wire.Request{Op: wire.Credentials, Profile: profile, Login: true, Device: device}))
		},
	}
	c.Flags().BoolVar(&device, "device", false, "sign in with the browser of another machine")
	return c
}

// loggedIn says how long the session lasts that a login brought.
func (a *app) loggedIn(body []byte, err error) error {
	if err != nil {
		return err
	}
	var c struct{ Expiration time.Time }
	if json.Unmarshal(body, &c) != nil || c.Expiration.IsZero() {
		return errCredentials
	}
	return a.say("%s: ready until %s (%s)", text.Line(a.profile), c.Expiration.Local().Format("15:04"),
		brief(time.Until(c.Expiration))+" left")
}

func newApproveCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "approve",
		Short: "Answer here what programs are waiting for",
		Long: `Asks in this terminal what the daemon is asking for right now, wherever else it
asks: an MFA code that a program without a terminal waits for, or one whose
dialog is on another screen. The first answer counts.`,
		Args: noArgument,
		RunE: func(*cobra.Command, []string) error { return a.approve() },
	}
}

func (a *app) approve() error {
	endBySignal()
	body, err := ask(wire.Request{Op: wire.Approve})
	if err != nil && !errors.Is(err, wire.ErrNotRunning) {
		return err
	}
	var open status.Questions
	if err == nil {
		if err := json.Unmarshal(body, &open); err != nil {
			return notUnderstood(err)
		}
	}
	if len(open.Questions) == 0 {
		a.note("nothing is waiting for an answer")
		a.hint("to log in before a program asks, run: understudy login PROFILE")
		return nil
	}
	for _, q := range open.Questions {
		a.profile = q.Profile
		if err := a.loggedIn(ask(wire.Request{
			Op: wire.Credentials, Profile: q.Profile, Login: true, ConfigFile: q.ConfigFile, CredentialsFile: q.CredentialsFile,
		})); err != nil {
			return err
		}
	}
	return nil
}
