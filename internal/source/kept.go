package source

import (
	"context"
	"fmt"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
)

// Kept are the long-lived keys in the keychain. A plan is made from a key's mark
// alone, so that no request waits for the keychain to find its plan; the key
// itself is read when it is to sign, and let go again.
type Kept struct {
	// Key reads the key of a profile, and says which account it is of where that
	// is known. Its errors are, or wrap, *credential.Failure.
	Key func(ctx context.Context, profile string) (key awsconfig.StaticKeys, account string, err error)
	// Mark stands for the key of a profile: another key has another mark.
	Mark func(profile string) string
	// Marks is the file that Mark reads, whose change makes plans anew; empty when
	// it reads none.
	Marks string
}

// inKeychain returns the profile's keys as a signer where it says that they are
// in the keychain. Keys that stand in a file beside that are passed over: they
// are about to be taken out.
func (b *builder) inKeychain(p profile) (signer, bool, error) {
	v, ok := p.value("keys")
	if !ok {
		return signer{}, false, nil
	}
	if v.Text != "keychain" {
		return signer{}, false, wrong(v, fmt.Sprintf("= %q", brief(v.Text)), "write keychain, or take the line out")
	}
	if b.r.Kept == nil {
		return signer{}, false, wrong(v, "cannot be used: nothing is kept in the keychain here", "set store = auto or keychain in the settings, or take the line out")
	}
	if b.r.Kept.Marks != "" {
		b.read = append(b.read, stampOf(b.r.Kept.Marks))
	}
	region, _ := p.value("region")
	return signer{
		kept: true, mark: b.r.Kept.Mark(p.name), profile: p.name, phrase: "kept keys of " + p.name, region: region,
	}, true, nil
}

// withKept is the call with the keys that sign it read from the keychain.
func (c *call) withKept(ctx context.Context) (*call, error) {
	keys, _, err := c.r.keptKey(ctx, c.signer.profile)
	if err != nil {
		return nil, err
	}
	own := *c
	own.signer.keys, own.signer.kept = keys, false
	own.signer.owner = fmt.Sprintf("profile %q in the keychain", c.signer.profile)
	return &own, nil
}

// keptKey reads a key, and says whose it is where that cannot be done.
func (r *Resolver) keptKey(ctx context.Context, profile string) (awsconfig.StaticKeys, string, error) {
	keys, account, err := r.Kept.Key(ctx, profile)
	if err == nil {
		return keys, account, nil
	}
	f := *credential.AsFailure(err)
	f.Reason = text.Clean(fmt.Sprintf("keys of %q: %s", profile, f.Reason))
	return awsconfig.StaticKeys{}, "", &f
}
