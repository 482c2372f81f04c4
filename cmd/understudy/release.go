package main

import (
	"github.com/spf13/cobra"

	"understudy/internal/adopt"
)

func newReleaseCommand(a *app) *cobra.Command {
	var o moveOptions
	c := &cobra.Command{
		Use:   "release [PROFILE... | --all]",
		Short: "Give profiles back to the SDKs, as they were before adopt",
		Long: `Takes back what adopt did: the line that names the helper goes, and the prefix of
the keys. A profile that was adopted and not changed since is the same byte for
byte. What changes is shown, and a person is asked, before anything is written;
the old file is kept beside the new one.`,
		Example: `  understudy release prod
  understudy release --all --yes`,
		ValidArgsFunction: completeProfiles,
		RunE: func(c *cobra.Command, args []string) error {
			if !o.all {
				var ok bool
				var err error
				args, ok, err = a.profilesOf(c.Context(), "release", args, func(l listed) bool { return l.Adopted })
				if err != nil || !ok {
					return err
				}
			}
			if err := o.check("release", args); err != nil {
				return err
			}
			return a.move(c.Context(), verb{
				name: "release", done: "released", already: "is not adopted",
				change: func(f adopt.Files) *adopt.Change {
					if o.all {
						return adopt.Release(f, adopt.Plugged(f))
					}
					return adopt.Release(f, args)
				},
				proves: func(f adopt.Files, _ []adopt.Outcome) error {
					_, err := readAnew(c.Context(), f.Files)
					return err
				},
			}, o)
		},
	}
	o.flags(c, "every profile that was adopted")
	return c
}
