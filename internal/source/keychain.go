package source

import (
	"context"
	"fmt"
	"hash"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/stamp"
	"understudy/internal/text"
)

// Kept are the long-lived keys in the keychain. A plan is made from the mark of a
// key, so that Resolve never waits for the keychain. The key itself is read when
// it signs, and not stored.
type Kept struct {
	// Key reads the key of a profile, and its account if known. Its errors are, or
	// wrap, *credential.Failure.
	Key func(ctx context.Context, profile string) (key awsconfig.StaticKeys, account string, err error)
	// Mark identifies the key of a profile: another key has another mark.
	Mark func(profile string) string
	// Marks is the file that Mark reads. When it changes, plans are made again.
	// Empty if Mark reads none.
	Marks string
}

// fromKeychain makes the plan of a profile whose keys are in the keychain.
func fromKeychain(b *builder, p profile, _ awsconfig.Value) (*credential.Plan, error) {
	k, _, err := b.inKeychain(p)
	if err != nil {
		return nil, err
	}
	switch asIs, err := raw(p, true); {
	case err != nil:
		return nil, err
	case asIs:
		return k.rawPlan(), nil
	}
	return b.keySession(p, k.signing(p))
}

// inKeychain returns the profile's keys if it says that they are in the keychain. Keys
// that are also in a file are ignored: they are about to be removed.
func (b *builder) inKeychain(p profile) (keychainKeys, bool, error) {
	v, ok := p.value("keys")
	if !ok {
		return keychainKeys{}, false, nil
	}
	if v.Text != "keychain" {
		return keychainKeys{}, false, badValue(v, fmt.Sprintf("= %q", brief(v.Text)), "write keychain, or take the line out")
	}
	if b.r.Kept == nil {
		return keychainKeys{}, false, badValue(v, "cannot be used: nothing is kept in the keychain here", "set store = auto or keychain in the settings, or take the line out")
	}
	if b.r.Kept.Marks != "" {
		b.read = append(b.read, stamp.Of(b.r.Kept.Marks))
	}
	return keychainKeys{r: b.r, profile: p.name, mark: b.r.Kept.Mark(p.name)}, true, nil
}

// keychainKeys are the keys of a profile in the keychain.
type keychainKeys struct {
	r       *Resolver
	profile string
	mark    string
}

func (k keychainKeys) signing(p profile) signing {
	region, _ := p.value("region")
	return signing{signer: k, profile: k.profile, description: "kept keys of " + k.profile, region: region}
}

func (k keychainKeys) identity(h hash.Hash, to aws.Endpoint) {
	part(h, "kept", k.profile, k.mark)
	endpointPart(h, to)
}

func (keychainKeys) describe(*credential.Plan) {}

func (k keychainKeys) keys(ctx context.Context) (aws.Keys, error) {
	pair, _, err := k.r.keychainKey(ctx, k.profile)
	return pair, err
}

func (k keychainKeys) fetch(ctx context.Context, a *attempt, _ credential.Session) (credential.Session, error) {
	pair, err := k.keys(ctx)
	if err != nil {
		return credential.Session{}, err
	}
	return a.try(ctx, aws.Signed{Keys: pair})
}

func (k keychainKeys) owner() string { return quoteProfile(k.profile) + " in the keychain" }

func (keychainKeys) explain(*aws.Refusal) {}

// keychainKey reads a key and its account. Errors name the profile.
func (r *Resolver) keychainKey(ctx context.Context, profile string) (aws.Keys, string, error) {
	keys, account, err := r.Kept.Key(ctx, profile)
	if err == nil {
		return pairOf(keys), account, nil
	}
	f := *credential.AsFailure(err)
	f.Reason = text.Clean(fmt.Sprintf("keys of %q: %s", profile, f.Reason))
	return aws.Keys{}, "", &f
}
