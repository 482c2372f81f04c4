package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// rawLife is how long a program may use a raw key before it asks again. The key
// does not end then, but may be another by that time.
const rawLife = time.Hour

// raw reports whether p wants its keys handed out as they are, and refuses that
// of a profile whose keys are not in the keychain: an SDK reads those of a file
// by itself, and a role has none.
func raw(p profile, kept bool) (bool, error) {
	v, ok := p.value("raw")
	if !ok {
		return false, nil
	}
	switch strings.ToLower(v.Text) {
	case "no", "false":
		return false, nil
	case "yes", "true":
		if kept {
			return true, nil
		}
		return false, wrong(v, "is for a profile whose keys are in the keychain", "take the line out")
	}
	return false, wrong(v, fmt.Sprintf("= %q", brief(v.Text)), "write yes, or take the line out")
}

// handOut makes the plan of a profile whose kept keys s are handed out as they
// are.
func (b *builder) handOut(p profile, s signer) *credential.Plan {
	h := sha256.New()
	part(h, "understudy plan 1")
	part(h, "raw", s.profile, s.mark)
	return &credential.Plan{
		ID: hex.EncodeToString(h.Sum(nil)), Profile: p.name, Source: s.phrase + ", raw",
		Fetch: func(ctx context.Context, _ credential.Session) (credential.Session, error) {
			return b.r.rawSession(ctx, s.profile)
		},
	}
}

func (r *Resolver) rawSession(ctx context.Context, profile string) (credential.Session, error) {
	keys, account, err := r.keptKey(ctx, profile)
	if err != nil {
		return credential.Session{}, err
	}
	now := r.Now()
	until := now.Wall.Add(rawLife).UTC().Truncate(time.Second)
	return credential.Session{
		AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, Raw: true, AccountID: account,
		Expiration: until, Lifetime: until.Sub(now.Wall), Issued: now,
	}, nil
}

// keychainKeys makes the plan of a profile whose keys are in the keychain.
func keychainKeys(b *builder, p profile, _ awsconfig.Value) (*credential.Plan, error) {
	s, _, err := b.inKeychain(p)
	if err != nil {
		return nil, err
	}
	switch asIs, err := raw(p, true); {
	case err != nil:
		return nil, err
	case asIs:
		return b.handOut(p, s), nil
	}
	return b.keySession(p, s)
}
