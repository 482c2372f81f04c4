package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"understudy/internal/text"
	"understudy/internal/wire"
)

var getFormats = []string{"process", "env", "json"}

func newGetCommand(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "get [PROFILE]",
		Short: "Print the credentials of a profile",
		Long: `Prints the session of a profile, the same one that understudy-credentials
hands to SDKs. It starts a daemon where none runs, and asks STS anew where a
refusal is remembered. At a terminal it lets you choose where no PROFILE is given.

The formats are process (the line that credential_process wants), env (lines
for a POSIX shell) and json (the same fields, indented).`,
		Example: `  understudy get prod
  eval "$(understudy get prod --format env)"`,
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return misused("get takes one profile", "understudy get "+args[0])
			case !slices.Contains(getFormats, format):
				return misused(fmt.Sprintf("--format %q is none of %s", format, strings.Join(getFormats, ", ")), "understudy get prod --format env")
			}
			profile, ok, err := a.profileOf(c.Context(), "get", args)
			if err != nil || !ok {
				return err
			}
			return a.get(profile, format)
		},
	}
	c.Flags().StringVar(&format, "format", "process", "how to print: process, env or json")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(getFormats, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) get(profile, format string) error {
	a.profile = profile
	body, err := askStarted(wire.Request{Op: wire.Credentials, Profile: profile, Person: true})
	if err != nil {
		return err
	}
	out, err := credentialsAs(format, body)
	if err != nil {
		return err
	}
	return a.write(out)
}

// credentialsAs puts the daemon's credential_process JSON into one of
// getFormats. No error of it holds a piece of body.
func credentialsAs(format string, body []byte) ([]byte, error) {
	switch format {
	case "env":
		return exports(body)
	case "json":
		var b bytes.Buffer
		if json.Indent(&b, body, "", "  ") != nil {
			return nil, errCredentials
		}
		return append(b.Bytes(), '\n'), nil
	}
	return append(bytes.Clone(body), '\n'), nil
}

// errCredentials stands for any fault in them: the decoder's own words could
// quote what they hold.
var errCredentials = &wire.Error{Code: wire.NoDaemon,
	Message: "the daemon's credentials are not what this version understands",
	Hint:    "the two may be of different versions; run: understudy daemon restart"}

// exports are the variables that every SDK reads. The expiry is for people and
// tools: no SDK renews what it found in the environment.
func exports(body []byte) ([]byte, error) {
	var c struct{ AccessKeyID, SecretAccessKey, SessionToken, Expiration string }
	if json.Unmarshal(body, &c) != nil || c.AccessKeyID == "" || c.SecretAccessKey == "" {
		return nil, errCredentials
	}
	var b bytes.Buffer
	for _, v := range []struct{ name, value string }{
		{"AWS_ACCESS_KEY_ID", c.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey},
		{"AWS_SESSION_TOKEN", c.SessionToken},
		{"AWS_CREDENTIAL_EXPIRATION", c.Expiration},
	} {
		if v.value == "" { // a raw key has no token, and one of another session must not stay beside it
			fmt.Fprintf(&b, "unset %s\n", v.name)
			continue
		}
		fmt.Fprintf(&b, "export %s=%s\n", v.name, text.Quote(v.value))
	}
	return b.Bytes(), nil
}
