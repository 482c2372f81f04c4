package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"understudy/internal/wire"
)

// app is what every verb works with.
type app struct {
	in       io.Reader
	out, err io.Writer
	version  string

	running bool   // a verb runs: errors are no longer about the words
	profile string // the profile that the verb is about, for messages
	status  int    // the exit status of a verb that ended well
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "understudy",
		Short: "Keeps AWS role sessions ready for every SDK and CLI on this machine",
		Long: `understudy keeps AWS role sessions ready for every SDK and CLI on this machine.

A daemon of yours assumes the roles of ~/.aws/config, keeps the sessions in the
keychain and renews them before they end. Programs get them through one line in
the profile:

    credential_process = /usr/local/bin/understudy-credentials prod`,
		Version:           a.version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              noVerb,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRun:  func(*cobra.Command, []string) { a.running = true },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.AddCommand(
		newStatusCommand(a),
		newListCommand(a),
		newDoctorCommand(a),
		newGetCommand(a),
		newLoginCommand(a),
		newApproveCommand(a),
		newForgetCommand(a),
		newAdoptCommand(a),
		newReleaseCommand(a),
		newTrustCommand(a),
		newKeysCommand(a),
		newTOTPCommand(a),
		newDaemonCommand(a),
		newVersionCommand(a),
		newManCommand(a),
		newKeychainWorkerCommand(a),
	)
	root.SetFlagErrorFunc(wrongFlag)
	tameCobra(root)
	return root
}

// tameCobra has the verbs that cobra adds refuse a word they do not know, as
// ours do: by themselves they print their help and succeed.
func tameCobra(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(c *cobra.Command, args []string) error {
				verb, rest, err := c.Root().Find(args)
				if err != nil {
					return err
				}
				return noVerb(verb, rest)
			}
		case "completion":
			c.Args = noVerb
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
}

// wrongFlag says where the verb's flags are told, and puts a value that a flag
// does not take into words of ours: pflag's are those of the Go function that
// read it.
func wrongFlag(c *cobra.Command, err error) error {
	refused := &wire.Error{Code: wire.Usage, Message: err.Error(), Hint: "see: " + c.CommandPath() + " --help"}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && unknown.GetSpecifiedName() == "profile" && strings.Contains(c.Use, "PROFILE") {
		refused.Hint = "the name goes without a flag, as in: " + c.CommandPath() + " prod" // as the AWS CLI has it
	}
	bad, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return refused
	}
	want := "a " + bad.GetFlag().Value.Type()
	switch bad.GetFlag().Value.Type() {
	case "int":
		want = "a whole number"
	case "bool":
		want = "true or false"
	}
	refused.Message = fmt.Sprintf("--%s %q is not %s", bad.GetFlag().Name, bad.GetValue(), want)
	return refused
}

// noArgument refuses words behind a verb that takes none.
func noArgument(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	_, verb, _ := strings.Cut(c.CommandPath(), " ")
	return misused(verb+" takes no argument", c.CommandPath())
}

// noVerb refuses a word that is no verb, and names the one that may be meant.
func noVerb(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	group := strings.TrimPrefix(c.CommandPath()+" ", c.Root().Name()+" ") // "daemon ", or nothing
	text := fmt.Sprintf("there is no verb %q", group+args[0])
	c.SuggestionsMinimumDistance = 2 // edits
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		text += fmt.Sprintf("; did you mean %s?", strings.Join(near, " or "))
	}
	return errors.New(text)
}
