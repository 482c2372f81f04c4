package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"understudy/internal/adopt"
	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/longkeys"
	"understudy/internal/place"
	"understudy/internal/text"
	"understudy/internal/wire"
)

func newKeysAddCommand(a *app) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "add PROFILE",
		Short: "Keep the key of a profile, in place of the one before",
		Long: `Asks for an access key ID and its secret access key, without showing them, asks
AWS whom they speak for, and keeps them in the keychain for this profile. They
are read from standard input, two lines, where that is no terminal, and never
from an argument.

Where the profile does not say yet that its key is in the keychain, that change
of its file is shown and asked for.`,
		Example: `  understudy keys add base
  pass show aws/alice | understudy keys add base`,
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneProfile("add", args); err != nil {
				return err
			}
			a.profile = args[0]
			return a.addKey(c.Context(), args[0], yes)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "write into the profile that its key is in the keychain, without asking")
	return c
}

func (a *app) addKey(ctx context.Context, profile string, yes bool) error {
	mark, err := a.marking(ctx, profile)
	if err != nil {
		return err
	}
	issuers, err := a.openIssuers()
	if err != nil {
		return err
	}
	defer issuers.close()
	// Before a key is typed, what would be in its way after that.
	if _, err := issuers.of(ctx, profile); err != nil {
		return err
	}
	if err := withKeys(func(k longkeys.Keys) error { return replaceable(ctx, k, profile) }); err != nil {
		return err
	}
	key, err := a.readKey(ctx, profile)
	if err != nil {
		return err
	}
	who, err := issuers.who(ctx, profile, awsconfig.StaticKeys{AccessKeyID: key.ID, SecretAccessKey: key.Secret})
	if err != nil {
		return err
	}
	if err := changeKeys(func(k longkeys.Keys) error { return keepKey(ctx, k, profile, key, who) }); err != nil {
		return err
	}
	if err := a.say("keeps the key %s of %s", key.ID, text.Line(who.ARN)); err != nil {
		return err
	}
	return a.pointToKey(ctx, profile, mark, yes)
}

// readKey asks for the two halves of a key.
func (a *app) readKey(ctx context.Context, profile string) (longkeys.Key, error) {
	id, err := a.readHidden(ctx, "access key ID of "+text.Line(profile)+", not shown: ")
	if err != nil {
		return longkeys.Key{}, err
	}
	secret, err := a.readHidden(ctx, "secret access key of "+text.Line(profile)+", not shown: ")
	if err != nil {
		return longkeys.Key{}, err
	}
	key := longkeys.Key{ID: strings.TrimSpace(id.Reveal()), Secret: credential.NewSecret(strings.TrimSpace(secret.Reveal()))}
	if err := longkeys.Check(key); err != nil {
		return longkeys.Key{}, &wire.Error{Code: wire.Usage, Message: err.Error(), Hint: "the ID comes first, then the secret access key; AWS shows that once, when the key is made"}
	}
	return key, nil
}

// keepKey keeps a key that has proven itself, in place of another.
func keepKey(ctx context.Context, k longkeys.Keys, profile string, key longkeys.Key, who aws.Identity) error {
	if err := replaceable(ctx, k, profile); err != nil {
		return err
	}
	if before, ok, _ := k.Get(ctx, profile); ok && before.ID == key.ID {
		key.Created = before.Created
	}
	return k.Put(ctx, profile, longkeys.Entry{Key: key, Kept: time.Now().UTC().Truncate(time.Second), Account: who.Account, User: who.ARN})
}

// replaceable refuses where another key must not take the place of what is kept.
func replaceable(ctx context.Context, k longkeys.Keys, profile string) error {
	before, ok, err := k.Get(ctx, profile)
	switch {
	case err != nil && !errors.Is(err, longkeys.ErrDamaged):
		return err
	case ok && before.Rotation != nil:
		return &wire.Error{Code: wire.BadConfig, Message: fmt.Sprintf("a rotation of the key of %q was begun", profile),
			Hint: "bring it to its end first: understudy keys rotate " + profile}
	}
	return nil
}

// marking is what becomes of a profile that is to say where its key is; a plain
// key in a file is in the way.
func (a *app) marking(ctx context.Context, profile string) (adopt.Outcome, error) {
	config, credentials, _, err := place.AWSFiles()
	if err != nil {
		return adopt.Outcome{}, err
	}
	p, err := openPair(config, credentials)
	if err != nil {
		return adopt.Outcome{}, err
	}
	o := (&adopt.Mover{}).Mark(p.files(), profile).Profiles[0]
	if o.State == adopt.Left && o.Why.Code != wire.UnknownProfile {
		return o, o.Why
	}
	return o, nil
}

// pointToKey has a profile's file say that its key is in the keychain.
func (a *app) pointToKey(ctx context.Context, profile string, mark adopt.Outcome, yes bool) error {
	switch {
	case mark.State == adopt.Already:
		return nil
	case mark.State == adopt.Left:
		a.hint("it is used by a profile %s that says: understudy_keys = keychain; there is none yet", text.Line(profile))
		return nil
	case !yes && !a.canAsk():
		a.hint("write into the profile: understudy_keys = keychain; or run this again with --yes")
		return nil
	}
	helper, err := helperPath()
	if err != nil {
		return err
	}
	return a.move(ctx, verb{
		name: "keys add", done: "uses the key from the keychain:", already: "uses the key from the keychain already",
		change: func(f adopt.Files) *adopt.Change { return (&adopt.Mover{Helper: helper}).Mark(f, profile) },
		proves: func(f adopt.Files, moved []adopt.Outcome) error { return usesKeychain(ctx, f, moved) },
	}, moveOptions{yes: yes})
}
