package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"understudy/internal/adopt"
	"understudy/internal/text"
)

func newAdoptCommand(a *app) *cobra.Command {
	var o moveOptions
	c := &cobra.Command{
		Use:   "adopt [PROFILE... | --all]",
		Short: "Have understudy serve profiles that an SDK serves itself",
		Long: `Rewrites role profiles so that every SDK gets their sessions from understudy:
names the helper in credential_process, and puts understudy_ before the keys that
an SDK would act on beside it. Every other byte of the files stays. What changes
is shown, and a person is asked, before anything is written; the old file is kept
beside the new one. understudy release takes it all back.

A profile is left alone, with the reason, where an SDK would still go past
understudy, as with a plain key in the credentials file, or where its name is not
read alike by every SDK.`,
		Example: `  understudy adopt prod
  understudy adopt --all --dry-run`,
		ValidArgsFunction: completeProfiles,
		RunE: func(c *cobra.Command, args []string) error {
			if !o.all {
				var ok bool
				var err error
				args, ok, err = a.profilesOf(c.Context(), "adopt", args, func(l listed) bool { return !l.Adopted && !l.keys && l.Source != "" })
				if err != nil || !ok {
					return err
				}
			}
			if err := o.check("adopt", args); err != nil {
				return err
			}
			return a.adopt(c.Context(), args, o)
		},
	}
	o.flags(c, "every role profile")
	return c
}

func (a *app) adopt(ctx context.Context, names []string, o moveOptions) error {
	helper, err := helperPath()
	if err != nil {
		return err
	}
	m := adopt.Mover{Resolve: planOf, Helper: helper}
	v := verb{
		name: "adopt", done: "adopted", already: "is adopted already",
		change: func(f adopt.Files) *adopt.Change {
			all := names
			if o.all {
				var plain []string
				all, plain = adopt.Candidates(f)
				a.offerImport(plain)
			}
			return m.Adopt(ctx, f, all)
		},
		proves: func(f adopt.Files, moved []adopt.Outcome) error { return sameByNow(ctx, f, moved) },
	}
	return a.move(ctx, v, o)
}

// offerImport tells of profiles whose keys lie in plain text.
func (a *app) offerImport(names []string) {
	for _, name := range slices.Compact(names) {
		a.note("%s is a long-lived key in plain text; it stays as it is", text.Line(name))
		a.hint("to keep the key in the keychain, run: understudy keys import %s", text.Line(name))
	}
}

// sameByNow reads the files anew, as the daemon does, and looks at whether each
// profile has a plan.
func sameByNow(ctx context.Context, f adopt.Files, moved []adopt.Outcome) error {
	cfg, err := readAnew(ctx, f.Files)
	if err != nil {
		return err
	}
	meant := f.Parse()
	for _, p := range moved {
		name := p.Profile
		if p.Serves != "" {
			name = p.Serves
		}
		want, err := planOf(ctx, meant, name)
		if err != nil {
			return err
		}
		got, err := planOf(ctx, cfg, name)
		if err != nil {
			return err
		}
		if got.ID != want.ID {
			return errors.New("profile " + name + " would ask for something else")
		}
	}
	return nil
}
