package main

import (
	"context"
	"regexp"
	"sync"

	"github.com/spf13/cobra"

	"understudy/internal/keychain"
	"understudy/internal/text"
	"understudy/internal/totp"
	"understudy/internal/wire"
)

func newTOTPCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "totp",
		Short: "Keep the seeds of virtual MFA devices in the keychain",
		Long: `Keeps the seeds of virtual MFA devices in the keychain, so that understudy makes
their codes itself where a profile says understudy_totp = keychain.

The trade: the second factor then lies beside the first. Whoever can read your
keychain, as any program of yours can once it is unlocked, needs you no more. A
code that is typed, or a command that asks a hardware token (mfa_process), keeps
the two apart. Nothing is kept unless it is added here.`,
		Args: noVerb,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		&cobra.Command{
			Use:   "add SERIAL",
			Short: "Keep the seed of a device, in place of the one before",
			Long: `Asks for the seed of the virtual MFA device with this serial number, without
showing it, and keeps it in the keychain in place of the one before. The seed is
the secret key that AWS shows once when the device is made, or the otpauth
address that its QR code holds. It is read from standard input where that is no
terminal, and never from an argument.`,
			Example: `  understudy totp add arn:aws:iam::111111111111:mfa/alice
  pass show aws/mfa-seed | understudy totp add arn:aws:iam::111111111111:mfa/alice`,
			RunE: func(c *cobra.Command, args []string) error {
				return a.withSerial(args, "add", func(s totp.Seeds, serial string) error { return a.addSeed(c.Context(), s, serial) })
			},
		},
		&cobra.Command{
			Use:   "remove SERIAL",
			Short: "Remove the seed of a device",
			Long:  "Removes the seed of a device from the keychain. From then on its codes are asked for.",
			RunE: func(c *cobra.Command, args []string) error {
				return a.withSerial(args, "remove", func(s totp.Seeds, serial string) error { return a.removeSeed(c.Context(), s, serial) })
			},
		},
		&cobra.Command{
			Use:   "list",
			Short: "Print the serial numbers of the devices whose seeds are kept",
			Args:  noArgument,
			RunE: func(c *cobra.Command, _ []string) error {
				return withSeeds(func(s totp.Seeds) error { return a.listSeeds(c.Context(), s) })
			},
		},
	)
	return c
}

// serialShape matches the serial number of a virtual device, but no seed that is
// given by mistake. Like the other patterns it is compiled when first used, because
// the daemon, which is the same program, does not use them.
var serialShape = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^arn:[\w-]+:iam::\d{12}:mfa/[\w+=/,.@-]{1,200}$`)
})

// withSerial refuses other arguments than one serial number.
func (a *app) withSerial(args []string, verb string, do func(totp.Seeds, string) error) error {
	const example = " arn:aws:iam::111111111111:mfa/alice"
	switch {
	case len(args) == 0:
		return misused("totp "+verb+" needs the serial number of an MFA device", "understudy totp "+verb+example)
	case len(args) > 1 && verb == "add": // nor is what stands there repeated
		return misused("totp add takes a serial number and nothing else; the seed is asked for", "understudy totp add"+example)
	case len(args) > 1:
		return misused("totp "+verb+" takes one serial number", "understudy totp "+verb+example)
	case !serialShape().MatchString(args[0]):
		return misused("that is not the serial number of a virtual MFA device", "understudy totp "+verb+example)
	}
	return withSeeds(func(s totp.Seeds) error { return do(s, args[0]) })
}

func withSeeds(do func(totp.Seeds) error) error {
	kind := secretKind{a: "a seed", list: "understudy totp list", instead: ", or type the codes"}
	return onKeychain(kind, func(k *keychain.Keychain) error { return do(totp.Seeds{Store: k}) })
}

func (a *app) addSeed(ctx context.Context, s totp.Seeds, serial string) error {
	a.note("the seed makes codes without you: whoever reads your keychain has both factors")
	text, err := a.readHidden(ctx, "seed of "+serial+", not shown: ")
	if err != nil {
		return err
	}
	seed, err := totp.ParseSeed(text)
	if err != nil {
		return &wire.Error{Code: wire.Usage, Message: err.Error(),
			Hint: "it is the secret key that AWS shows once for the device, or the otpauth address in its QR code"}
	}
	if err := s.Add(ctx, serial, seed); err != nil {
		return err
	}
	if err := a.say("keeps the seed of %s", serial); err != nil {
		return err
	}
	a.hint("it is used by profiles that say: understudy_totp = keychain")
	return nil
}

func (a *app) removeSeed(ctx context.Context, s totp.Seeds, serial string) error {
	was, err := s.Remove(ctx, serial)
	switch {
	case err != nil:
		return err
	case !was:
		return a.say("there was no seed of %s", serial)
	}
	return a.say("removed the seed of %s", serial)
}

func (a *app) listSeeds(ctx context.Context, s totp.Seeds) error {
	serials, err := s.List(ctx)
	if err != nil {
		return err
	}
	if len(serials) == 0 {
		a.note("no seed is kept")
		a.hint("codes are asked for; to keep a seed, run: understudy totp add SERIAL")
	}
	for _, serial := range serials {
		if err := a.say("%s", text.Line(serial)); err != nil {
			return err
		}
	}
	return nil
}
