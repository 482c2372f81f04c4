package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"understudy/internal/adopt"
	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/longkeys"
	"understudy/internal/wire"
)

func newKeysImportCommand(a *app) *cobra.Command {
	var o moveOptions
	c := &cobra.Command{
		Use:   "import [PROFILE... | --all]",
		Short: "Move keys from plain text into the keychain",
		Long: `Moves long-lived keys out of ~/.aws/credentials and ~/.aws/config into the
keychain. AWS is asked whom each key speaks for; what changes is shown, without
the key, and a person is asked; the key is kept and read back; then its lines are
taken out of the file. Every other byte stays, but for a section of the
credentials file of which nothing is left.

In the key's place comes a line that says where it is, and for a profile that was
nothing but a key the one that names the helper: SDKs that used the key get a
session of it from then on.

No copy of the old file is kept, since that would hold the key, and copies that
adopt made of it are removed. What a disk has forgotten may still be read from
it: understudy keys rotate makes such a copy worthless.`,
		Example: `  understudy keys import base
  understudy keys import --all`,
		ValidArgsFunction: completeProfiles,
		RunE: func(c *cobra.Command, args []string) error {
			for _, name := range args {
				if keyShape().MatchString(name) {
					return oneProfile("import", []string{name})
				}
			}
			if err := o.check("keys import", args); err != nil {
				return err
			}
			return a.importKeys(c.Context(), args, o)
		},
	}
	o.flags(c, "every profile with a long-lived key in plain text")
	return c
}

// imported is a key on its way into the keychain.
type imported struct {
	key longkeys.Key
	who aws.Identity
}

func (a *app) importKeys(ctx context.Context, names []string, o moveOptions) error {
	helper, err := helperPath()
	if err != nil {
		return err
	}
	issuers, err := a.openIssuers()
	if err != nil {
		return err
	}
	defer issuers.close()
	kept := map[string]longkeys.Entry{}
	if !o.dryRun { // before a person is asked
		if kept, err = keptKeys(ctx); err != nil {
			return err
		}
	}
	m := &adopt.Mover{Helper: helper}
	proven := map[string]imported{}
	var spilled []spill
	written := false
	err = a.move(ctx, verb{
		name: "keys import", done: "imported", already: "has its key in the keychain already", secret: true,
		change: func(f adopt.Files) *adopt.Change {
			all := names
			if o.all {
				all = adopt.PlainKeys(f)
			}
			c := importProven(m, f, all, func(profile string, key awsconfig.StaticKeys) error {
				if o.dryRun {
					return nil
				}
				if err := another(kept[profile], profile, key.AccessKeyID); err != nil {
					return err
				}
				one, err := prove(ctx, issuers, profile, key)
				proven[profile] = one
				return err
			})
			spilled = a.tellProven(c, f, proven)
			return c
		},
		first: func(moved []adopt.Outcome) error {
			return changeKeys(func(k longkeys.Keys) error {
				for _, p := range moved {
					before, _, err := k.Get(ctx, p.Profile)
					if err == nil {
						err = another(before, p.Profile, proven[p.Profile].key.ID)
					}
					if err != nil && !errors.Is(err, longkeys.ErrDamaged) {
						return err
					}
				}
				for _, p := range moved {
					if err := keepKey(ctx, k, p.Profile, proven[p.Profile].key, proven[p.Profile].who); err != nil {
						return err
					}
				}
				return nil
			})
		},
		proves: func(f adopt.Files, moved []adopt.Outcome) error {
			err := usesKeychain(ctx, f, moved)
			written = err == nil
			return err
		},
	}, o)
	if written {
		a.mopUp(spilled)
	}
	return err
}

// keptKeys are the keys in the keychain, by profile.
func keptKeys(ctx context.Context) (map[string]longkeys.Entry, error) {
	kept := map[string]longkeys.Entry{}
	return kept, withKeys(func(k longkeys.Keys) error {
		all, err := k.List(ctx)
		for _, one := range all {
			kept[one.Profile] = one.Entry
		}
		return err
	})
}

// another refuses where another key is kept than the one that comes: it may have
// been taken out of a file that has a profile of the same name, and be the only
// copy.
func another(kept longkeys.Entry, profile, id string) error {
	if kept.ID == "" || kept.ID == id {
		return nil
	}
	return &credential.Failure{Code: wire.BadConfig, Reason: fmt.Sprintf("another key is kept for %q, %s, and it may be the only copy", profile, kept.ID),
		Hint: "give this profile another name; or, if nobody uses that key: understudy keys remove " + profile}
}

// importProven is Import of the keys that proves accepts; the others are left,
// with its reason.
func importProven(m *adopt.Mover, f adopt.Files, names []string, proves func(string, awsconfig.StaticKeys) error) *adopt.Change {
	c, keys := m.Import(f, names)
	bad := map[string]*credential.Failure{}
	var good []string
	for i, o := range c.Profiles {
		if o.State == adopt.Moved {
			if err := proves(o.Profile, keys[i]); err != nil {
				bad[o.Profile] = credential.AsFailure(err)
				continue
			}
		}
		good = append(good, o.Profile)
	}
	if len(bad) == 0 {
		return c
	}
	rest, _ := m.Import(f, good)
	outcomes, n := c.Profiles, 0
	for i := range outcomes {
		if why := bad[outcomes[i].Profile]; why != nil {
			outcomes[i] = adopt.Outcome{Profile: outcomes[i].Profile, State: adopt.Left, Why: why}
			continue
		}
		outcomes[i] = rest.Profiles[n]
		n++
	}
	rest.Profiles = outcomes
	return rest
}

// prove asks AWS whom a key speaks for.
func prove(ctx context.Context, issuers *issuers, profile string, key awsconfig.StaticKeys) (imported, error) {
	one := imported{key: longkeys.Key{ID: key.AccessKeyID, Secret: key.SecretAccessKey}}
	if err := longkeys.Check(one.key); err != nil {
		return one, &credential.Failure{Code: wire.BadConfig, Reason: key.At + ": " + err.Error(), Hint: "take the lines out, or write the key anew"}
	}
	who, err := issuers.who(ctx, profile, key)
	one.who = who
	return one, err
}

// usesKeychain reads the files anew and looks at whether each profile takes its
// key from the keychain and has none beside that.
func usesKeychain(ctx context.Context, f adopt.Files, moved []adopt.Outcome) error {
	cfg, err := readAnew(ctx, f.Files)
	if err != nil {
		return err
	}
	for _, o := range moved {
		p, ok := cfg.Profile(o.Profile)
		if !ok {
			return errors.New("profile " + o.Profile + " would be gone")
		}
		if _, has, err := p.Keys(); has || err != nil {
			return errors.New("profile " + o.Profile + " would have a plain key still")
		}
		if v, _ := p.Get("keys"); v.Text != "keychain" {
			return errors.New("profile " + o.Profile + " would not say where its key is")
		}
	}
	return nil
}
