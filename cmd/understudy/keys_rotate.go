package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"understudy/internal/aws"
	"understudy/internal/credential"
	"understudy/internal/longkeys"
	"understudy/internal/rotation"
	"understudy/internal/text"
	"understudy/internal/wire"
)

func newKeysRotateCommand(a *app) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "rotate PROFILE",
		Short: "Put a new key in the place of the kept one, and end the old one",
		Long: `Makes a new access key through IAM, proves that AWS knows it, keeps it, and only
then deactivates the old key and deletes it. The key's user needs to be allowed
iam:ListAccessKeys, iam:CreateAccessKey, iam:UpdateAccessKey, iam:DeleteAccessKey
and iam:GetAccessKeyLastUsed on itself. Where IAM asks for MFA the code is asked
for, if the profile names the device.

It may be interrupted at any point: run it again, and it goes on from there. Both
keys are kept meanwhile.

Whatever else uses the old key stops working.`,
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneProfile("rotate", args); err != nil {
				return err
			}
			a.profile = args[0]
			return a.rotateKey(c.Context(), args[0], yes)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "rotate without asking")
	return c
}

func (a *app) rotateKey(ctx context.Context, profile string, yes bool) error {
	issuers, err := a.openIssuers()
	if err != nil {
		return err
	}
	defer issuers.close()
	issuer, err := issuers.of(ctx, profile)
	if err != nil {
		return err
	}
	if !yes && !a.canAsk() {
		return misused("keys rotate asks first, and standard input is no terminal", "understudy keys rotate "+profile+" --yes")
	}
	kept, err := keptKey(ctx, profile)
	if err != nil {
		return err
	}
	r := rotation.Rotation{Profile: profile, Issuer: issuer, Say: func(format string, args ...any) { a.note(format, args...) }}
	if r.Session, err = a.mfaSession(ctx, issuers, profile); err != nil {
		return err
	}
	if !yes {
		a.note("whatever else uses the key %s stops working", kept.ID)
		if sure, err := a.confirm(ctx, "put a new key in its place, and end it?"); err != nil || !sure {
			a.note("nothing was changed")
			return err
		}
	}
	err = changeKeys(func(k longkeys.Keys) (err error) {
		r.Keys = k
		if err := r.Run(ctx); err != nil {
			return err
		}
		kept, _, err = k.Get(ctx, profile)
		return err
	})
	if err != nil {
		return err
	}
	return a.say("keeps the key %s of %s", kept.ID, text.Line(kept.User))
}

// keptKey is what is kept for a profile, of which there has to be something.
func keptKey(ctx context.Context, profile string) (e longkeys.Entry, err error) {
	err = withKeys(func(k longkeys.Keys) error {
		var ok bool
		if e, ok, err = k.Get(ctx, profile); err == nil && !ok {
			err = &wire.Error{Code: wire.BadConfig, Message: fmt.Sprintf("no key of %q is kept", profile), Hint: "keep one: understudy keys add " + profile}
		}
		return err
	})
	return e, err
}

// mfaSession gets an MFA session of the profile's key from the daemon, which asks
// at this terminal; nil where the profile has none.
func (a *app) mfaSession(ctx context.Context, i *issuers, profile string) (func(context.Context) (aws.Keys, error), error) {
	cfg, err := i.r.Read(ctx, i.files)
	if err != nil {
		return nil, err
	}
	p, ok := cfg.Profile(profile)
	if !ok {
		return nil, nil
	}
	text := func(key string) string {
		v, _ := p.Get(key)
		return strings.ToLower(v.Text)
	}
	if text("mfa_serial") == "" || text("keys") != "keychain" || text("role_arn") != "" || text("raw") == "yes" || text("raw") == "true" {
		return nil, nil
	}
	return func(context.Context) (aws.Keys, error) {
		a.note("IAM asks for MFA")
		body, err := askStarted(wire.Request{Op: wire.Credentials, Profile: profile, Login: true})
		if err != nil {
			return aws.Keys{}, err
		}
		var c struct{ AccessKeyID, SecretAccessKey, SessionToken string }
		if json.Unmarshal(body, &c) != nil || c.AccessKeyID == "" || c.SecretAccessKey == "" || c.SessionToken == "" {
			return aws.Keys{}, errCredentials
		}
		return aws.Keys{
			AccessKeyID: c.AccessKeyID, SecretAccessKey: credential.NewSecret(c.SecretAccessKey), SessionToken: credential.NewSecret(c.SessionToken),
		}, nil
	}, nil
}
