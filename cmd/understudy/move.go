package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"understudy/internal/adopt"
	"understudy/internal/place"
	"understudy/internal/rewrite"
	"understudy/internal/text"
)

// verb is what the verbs that change the two files differ in.
type verb struct {
	name          string
	done, already string
	change        func(adopt.Files) *adopt.Change
	// first does what has to be done before the files may change; nil for nothing.
	first func([]adopt.Outcome) error
	// proves looks at what was written.
	proves func(adopt.Files, []adopt.Outcome) error
	// secret says that the old files hold what is to be in no file any more: no
	// copy of them is kept.
	secret bool
}

// moveOptions are the flags of all.
type moveOptions struct{ all, dryRun, yes bool }

func (o *moveOptions) flags(c *cobra.Command, all string) {
	c.Flags().BoolVar(&o.all, "all", false, all)
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would change, and write nothing")
	c.Flags().BoolVar(&o.yes, "yes", false, "write without asking")
}

func (o *moveOptions) check(name string, args []string) error {
	switch {
	case o.all && len(args) > 0:
		return misused("--all stands without profiles", "understudy "+name+" --all")
	case !o.all && len(args) == 0:
		return misused(name+" needs a profile, or --all", "understudy "+name+" prod")
	case slices.Contains(args, ""):
		return misused("a profile's name is empty", "understudy "+name+" prod")
	}
	return nil
}

// triesToMove is how often a file that changed in between is read again where
// nobody has looked at the change.
const triesToMove = 3

// move reads the two files, shows what is to change, asks, and writes.
func (a *app) move(ctx context.Context, v verb, o moveOptions) error {
	for try := 1; ; try++ {
		err := a.moveOnce(ctx, v, o)
		if !o.yes || try == triesToMove || !errors.Is(err, rewrite.ErrChanged) {
			return err
		}
	}
}

func (a *app) moveOnce(ctx context.Context, v verb, o moveOptions) error {
	config, credentials, _, err := place.AWSFiles()
	if err != nil {
		return err
	}
	w, err := openPair(config, credentials)
	if err != nil {
		return err
	}
	c := v.change(w.files())
	moved, err := a.outcomes(c, v, o)
	if err != nil || len(moved) == 0 {
		return err
	}
	if !o.dryRun && !o.yes && !a.canAsk() {
		return misused(v.name+" asks before it writes, and standard input is no terminal",
			"understudy "+v.name+" "+named(moved, o)+" --yes")
	}
	if err := w.fit(c); err != nil {
		return err
	}
	if err := a.showDiff(c); err != nil || o.dryRun {
		return err
	}
	if !o.yes {
		if yes, err := a.confirm(ctx, "write this?"); err != nil || !yes {
			a.note("nothing was changed")
			return err
		}
	}
	if v.first != nil {
		if err := v.first(moved); err != nil {
			return err
		}
	}
	return a.writeMoved(ctx, v, w, c, moved)
}

// outcomes tells of every profile that is not moved, and returns those that are.
// A profile that was named and cannot be moved is an error: then none is.
func (a *app) outcomes(c *adopt.Change, v verb, o moveOptions) (moved []adopt.Outcome, err error) {
	for _, p := range c.Profiles {
		name := text.Line(p.Profile)
		switch p.State {
		case adopt.Moved:
			moved = append(moved, p)
		case adopt.Already:
			if p.Serves != "" {
				a.note("%s is served as %s already", name, text.Line(p.Serves))
			} else {
				a.note("%s %s", name, v.already)
			}
		case adopt.Left:
			if !o.all {
				a.profile = p.Profile
				return nil, p.Why
			}
			a.note("left %s: %s", name, text.Line(p.Why.Reason))
			a.hint("%s", text.Line(p.Why.Hint))
		}
		for _, note := range p.Notes {
			a.note("%s: %s", name, text.Line(note))
		}
	}
	if len(c.Profiles) == 0 {
		a.note("there is no profile to %s", v.name)
	}
	return moved, nil
}

// named is how the moved profiles are named on a command line.
func named(moved []adopt.Outcome, o moveOptions) string {
	if o.all {
		return "--all"
	}
	var names []string
	for _, p := range moved {
		names = append(names, p.Profile)
	}
	return strings.Join(names, " ")
}

func (a *app) showDiff(c *adopt.Change) error {
	for line := range strings.Lines(c.Config.Diff() + c.Credentials.Diff()) {
		if err := a.say("%s", text.Line(strings.TrimSuffix(line, "\n"))); err != nil {
			return err
		}
	}
	return nil
}
