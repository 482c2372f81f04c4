package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/spf13/cobra"

	"understudy/internal/doctor"
)

func newDoctorCommand(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor [PROFILE]",
		Short: "Say what keeps a profile from reaching understudy, and what mends it",
		Long: `Looks at the configuration files as every SDK reads them, at this shell's
environment, the helper, the daemon, the keychain, and the clock of STS, and says
what is wrong, where it stands, why it matters, and the command or the edit that
mends it. With PROFILE it looks at that one and those it stands on.

It starts no daemon, fetches no session and changes nothing. Each STS of the
profiles is asked what time it is, with nothing signed; helpers named by files
that count are asked for their version.

The exit status is 0 when there is no error and no warning, and 1 when there is
one; notes do not count.`,
		Example: `  understudy doctor
  understudy doctor prod`,
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			switch len(args) {
			case 0:
				return a.doctor(c.Context(), "", asJSON)
			case 1:
				return a.doctor(c.Context(), args[0], asJSON)
			}
			return misused("doctor takes one profile", "understudy doctor "+args[0])
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func (a *app) doctor(ctx context.Context, profile string, asJSON bool) error {
	endBySignal()
	v, err := a.openView(ctx)
	if err != nil {
		return err
	}
	defer v.close()
	names := v.config.Names()
	if profile != "" {
		a.profile = profile
		if f := v.config.Explain(profile); f != nil {
			return f
		}
		names = v.chain(profile)
	}
	facts := v.facts(names, a.version)
	facts.Asked = profile
	facts.Machine = a.around(ctx, v, names)
	facts.HelperVersion = v.helperVersion(ctx)
	found := doctor.Examine(facts)
	if doctor.Sick(found) {
		a.status = 1
	}
	if !asJSON {
		return a.write([]byte(diagnosis(found, len(names), screenOf(a.out, os.Getenv))))
	}
	b, err := json.MarshalIndent(struct {
		Version  string           `json:"version"`
		Profiles []string         `json:"profiles"`
		Findings []doctor.Finding `json:"findings"`
	}{a.version, nonNil(names), nonNil(found)}, "", "  ")
	if err != nil {
		return err
	}
	return a.write(append(b, '\n'))
}

// nonNil has an empty list print as one.
func nonNil[E any](s []E) []E {
	if s == nil {
		return []E{}
	}
	return s
}
