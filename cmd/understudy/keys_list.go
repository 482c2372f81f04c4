package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"understudy/internal/longkeys"
	"understudy/internal/text"
)

func newKeysListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show which keys are kept, and how old they are",
		Long: `Shows the profiles whose keys are kept in the keychain, with the key's ID, its
user and its age. No verb shows a secret access key. The age of a key that was
made elsewhere is not known: what is shown is how long it is kept, at least.`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error {
			return withKeys(func(k longkeys.Keys) error { return a.listKeys(c.Context(), k) })
		},
	}
}

func (a *app) listKeys(ctx context.Context, k longkeys.Keys) error {
	all, err := k.List(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		a.note("no key is kept")
		a.hint("to move those of ~/.aws/credentials, run: understudy keys import --all")
		return nil
	}
	rows := [][]cell{{{"PROFILE", dim}, {"KEY", dim}, {"ACCOUNT", dim}, {"USER", dim}, {"AGE", dim}, {"ROTATION", dim}}}
	now := time.Now()
	for _, one := range all {
		rows = append(rows, keyRow(one, now))
	}
	s := screenOf(a.out, os.Getenv)
	var b strings.Builder
	writeRows(&b, rows, s)
	return a.write([]byte(b.String()))
}

func keyRow(one longkeys.Listed, now time.Time) []cell {
	name := cell{text.Line(one.Profile), bold}
	if one.Damaged {
		return []cell{name, {"damaged", red}, {"-", plain}, {"-", plain}, {"-", plain}, {}}
	}
	return []cell{
		name, {text.Line(one.ID), plain}, {orDash(one.Account), plain}, {orDash(one.User[strings.LastIndexByte(one.User, '/')+1:]), plain},
		{age(one.Entry, now), plain}, {stage(one.Rotation), yellow},
	}
}

// age is in days, of the key where that is known.
func age(e longkeys.Entry, now time.Time) string {
	days := func(since time.Time) int { return max(0, int(now.Sub(since).Hours()/24)) }
	if e.Created.IsZero() {
		return fmt.Sprintf("%dd or more", days(e.Kept))
	}
	return fmt.Sprintf("%dd", days(e.Created))
}

// stage is how far a rotation got that has not come to its end.
func stage(r *longkeys.Rotation) string {
	switch {
	case r == nil:
		return ""
	case r.Old != nil:
		return "the old key is still to be ended"
	case r.New != nil:
		return "a new key is kept, not yet in use"
	}
	return "begun"
}
