package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"understudy/internal/longkeys"
	"understudy/internal/text"
)

func newKeysRemoveCommand(a *app) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "remove PROFILE",
		Short: "Remove the key of a profile from the keychain",
		Long: `Removes the key of a profile from the keychain. AWS does not hear of it: the key
goes on there, and whoever has a copy of it may use it. With no copy left its
secret is lost for good.`,
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneProfile("remove", args); err != nil {
				return err
			}
			a.profile = args[0]
			return a.removeKey(c.Context(), args[0], yes)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "remove it without asking")
	return c
}

func (a *app) removeKey(ctx context.Context, profile string, yes bool) error {
	if !yes && !a.canAsk() {
		return misused("keys remove asks first, and standard input is no terminal", "understudy keys remove "+profile+" --yes")
	}
	var kept []longkeys.Key
	err := withKeys(func(k longkeys.Keys) error {
		e, ok, err := k.Get(ctx, profile)
		if ok {
			kept = keysOf(e)
		}
		if errors.Is(err, longkeys.ErrDamaged) {
			return nil // and can be removed all the same
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, key := range kept {
		a.note("the key %s goes on in AWS", key.ID)
	}
	if !yes {
		if sure, err := a.confirm(ctx, "remove the key of "+text.Line(profile)+" from the keychain?"); err != nil || !sure {
			a.note("nothing was changed")
			return err
		}
	}
	var was bool
	err = changeKeys(func(k longkeys.Keys) (err error) {
		was, err = k.Remove(ctx, profile)
		return err
	})
	switch {
	case err != nil:
		return err
	case !was:
		return a.say("no key of %s was kept", text.Line(profile))
	}
	if err := a.say("removed the key of %s", text.Line(profile)); err != nil {
		return err
	}
	for _, key := range kept {
		a.hint("to end it in AWS, as its user: aws iam delete-access-key --access-key-id %s", key.ID)
	}
	return nil
}

// keysOf are all the keys of an entry: one, and in the middle of a rotation two.
func keysOf(e longkeys.Entry) []longkeys.Key {
	all := []longkeys.Key{e.Key}
	if r := e.Rotation; r != nil {
		for _, k := range []*longkeys.Key{r.New, r.Old} {
			if k != nil {
				all = append(all, *k)
			}
		}
	}
	return all
}
