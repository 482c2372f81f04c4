package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"understudy/internal/text"
	"understudy/internal/trust"
	"understudy/internal/wire"
)

func newTrustCommand(a *app) *cobra.Command {
	var list, remove bool
	c := &cobra.Command{
		Use:   "trust FILE... | --list | --remove FILE...",
		Short: "Allow a configuration file other than your own",
		Long: `Allows configuration files that AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE
may name. What stands in such a file decides for whom the daemon signs and where
it sends requests, so it counts only when a person has looked at it. A file is
allowed as it stands now; one that changes asks again.

~/.aws/config and ~/.aws/credentials, and the files named by whoever started the
daemon, need no permission.`,
		Example: `  understudy trust ./project/aws-config
  understudy trust --list`,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case list && (remove || len(args) > 0):
				return misused("--list stands alone", "understudy trust --list")
			case list:
				return a.listTrusted()
			case len(args) == 0 && remove:
				return misused("--remove needs a file", "understudy trust --remove ./aws-config")
			case len(args) == 0:
				return misused("trust needs a file", "understudy trust ./aws-config")
			case remove:
				return a.distrust(args)
			}
			return a.trust(args)
		},
	}
	c.Flags().BoolVar(&list, "list", false, "print the files that are allowed")
	c.Flags().BoolVar(&remove, "remove", false, "allow the files no longer")
	return c
}

func trustList() (*trust.List, error) {
	dir, err := stateDir()
	if err != nil {
		return nil, err
	}
	return trust.Open(dir), nil
}

// trust allows the files one by one and stops at the first that cannot be.
func (a *app) trust(files []string) error {
	l, err := trustList()
	if err != nil {
		return err
	}
	for _, file := range files {
		e, err := l.Add(file)
		if errors.Is(err, trust.ErrList) {
			return badList(err)
		}
		if err != nil {
			return &wire.Error{Code: wire.BadConfig, Message: err.Error(),
				Hint: "a file can be trusted that exists, is yours, and that nobody else can write to"}
		}
		if err := a.say("trusted %s", text.Line(e.Path)); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) distrust(files []string) error {
	l, err := trustList()
	if err != nil {
		return err
	}
	entries, err := l.Entries()
	if err != nil {
		return badList(err)
	}
	for _, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(entries, func(e trust.Entry) bool { return e.Path == path }) {
			if err := a.say("%s was not trusted", text.Line(path)); err != nil {
				return err
			}
			continue
		}
		if err := l.Remove(path); err != nil {
			return badList(err)
		}
		if err := a.say("no longer trusted %s", text.Line(path)); err != nil {
			return err
		}
	}
	return nil
}

// listTrusted prints one line a file: whether it still counts, since when, and
// which.
func (a *app) listTrusted() error {
	l, err := trustList()
	if err != nil {
		return err
	}
	entries, err := l.Entries()
	if err != nil {
		return badList(err)
	}
	if len(entries) == 0 {
		a.note("no file is trusted beside your own")
		a.hint("to allow one, run: understudy trust FILE")
	}
	policy := trust.Policy{List: l}
	for _, e := range entries {
		if err := a.say("%-8s %s  %s", standing(&policy, e.Path), e.Added.Local().Format("2006-01-02 15:04"), text.Line(e.Path)); err != nil {
			return err
		}
	}
	return nil
}

// maxTrusted is more than any file that can be trusted holds, in bytes.
const maxTrusted = 16 << 20

// standing is trusted, changed since then, or missing. What is no ordinary
// file any more is not opened, since a pipe would hold us up.
func standing(p *trust.Policy, path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "missing"
	}
	if !info.Mode().IsRegular() || info.Size() > maxTrusted {
		return "changed"
	}
	content, err := os.ReadFile(path)
	switch {
	case err != nil:
		return "missing"
	case p.Approve(path, content) != nil:
		return "changed"
	}
	return "trusted"
}

func badList(err error) error {
	hint := "the list is trusted.json in the state folder"
	if dir, err := stateDir(); err == nil {
		hint = "the list is trusted.json in " + dir
	}
	return &wire.Error{Code: wire.BadConfig, Message: err.Error(),
		Hint: hint + ": make both yours, or set XDG_STATE_HOME, for the daemon too, to a folder that is"}
}
