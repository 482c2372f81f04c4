package source

import (
	"context"
	"fmt"
	"strings"
	"time"

	"understudy/internal/credential"
)

// rawLife is how long a program may use a raw key before it asks again. The key
// does not expire then, but it may have been rotated.
const rawLife = time.Hour

// raw reports whether p wants its keys handed out as they are. It is an error in
// a profile whose keys are not in the keychain: the SDKs read those of a file
// themselves, and a role has none.
func raw(p profile, inKeychain bool) (bool, error) {
	v, ok := p.value("raw")
	if !ok {
		return false, nil
	}
	switch strings.ToLower(v.Text) {
	case "no", "false":
		return false, nil
	case "yes", "true":
		if inKeychain {
			return true, nil
		}
		return false, badValue(v, "is for a profile whose keys are in the keychain", "take the line out")
	}
	return false, badValue(v, fmt.Sprintf("= %q", brief(v.Text)), "write yes, or take the line out")
}

// rawPlan makes the plan of a profile whose keys are handed out as they are.
func (k keychainKeys) rawPlan() *credential.Plan {
	h := newIdentity()
	part(h, "raw", k.profile, k.mark)
	return &credential.Plan{
		ID: sum(h), Profile: k.profile, Source: "kept keys of " + k.profile + ", raw", Fetch: k.rawSession,
	}
}

func (k keychainKeys) rawSession(ctx context.Context, _ credential.Session) (credential.Session, error) {
	keys, account, err := k.r.keychainKey(ctx, k.profile)
	if err != nil {
		return credential.Session{}, err
	}
	now := k.r.Now()
	until := now.Wall.Add(rawLife).UTC().Truncate(time.Second)
	return credential.Session{
		AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, Raw: true, AccountID: account,
		Expiration: until, Lifetime: until.Sub(now.Wall), Issued: now,
	}, nil
}
