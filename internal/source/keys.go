package source

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// GetSessionToken's limits; the default is also what AWS gives unasked.
const (
	keySession    = 12 * time.Hour
	keySessionMin = 15 * time.Minute
	keySessionMax = 36 * time.Hour
)

// ownKeys makes the plan of a profile that has nothing but keys:
// GetSessionToken, so that what leaves this machine's daemon is temporary.
func ownKeys(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	s, ok, err := b.keysOf(p)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, wrong(by, "has no pair", "write aws_access_key_id and aws_secret_access_key, both into one file")
	}
	if s.temporary {
		return nil, wrong(by, "is temporary, and STS gives no session for such keys",
			fmt.Sprintf("let the SDK read profile %q directly, or name it as source_profile of a role", p.name))
	}
	return b.keySession(p, s)
}

// keySession makes the plan of the session of p's own keys, with the code of its
// MFA device where it has one.
func (b *builder) keySession(p profile, s signer) (*credential.Plan, error) {
	d, err := b.device(p, p)
	if err != nil {
		return nil, err
	}
	if d != nil {
		return b.mfaSession(s, d, p, "aws")
	}
	life, err := keyLife(p)
	if err != nil {
		return nil, err
	}
	to, err := b.site(p, awsconfig.Value{}, "aws")
	if err != nil {
		return nil, err
	}
	c := &call{
		r: b.r, to: to, signer: s, what: fmt.Sprintf("get session token for keys of %q", p.name), at: p.At(), keyLife: life,
	}
	return c.asPlan(p.name, "session of "+s.phrase), nil
}

// keyLife is how long a session of long-lived keys is to last.
func keyLife(p profile) (time.Duration, error) {
	v, ok := p.value("duration_seconds")
	if !ok {
		return keySession, nil
	}
	return parseDuration(v, keySessionMin, keySessionMax)
}

// keysOf returns the profile's own keys as a signer: those in the keychain before
// those in a file.
func (b *builder) keysOf(p profile) (signer, bool, error) {
	if s, ok, err := b.inKeychain(p); ok || err != nil {
		return s, ok, err
	}
	keys, ok, err := p.Keys()
	if err != nil || !ok {
		return signer{}, false, err
	}
	if !isKeyID(keys.AccessKeyID) || strings.ContainsFunc(keys.SessionToken.Reveal(), notVisible) {
		return signer{}, false, &credential.Failure{
			Code:   wire.BadConfig,
			Reason: text.Clean(fmt.Sprintf("%s: profile %q: the key has characters that no key of AWS has", keys.At, p.name)),
			Hint:   "an access key ID is letters and digits, as in AKIAIOSFODNN7EXAMPLE; write the key anew: aws configure --profile " + p.name,
		}
	}
	region, _ := p.value("region")
	return signer{
		keys: keys, profile: p.name, phrase: "keys of " + p.name, region: region,
		temporary: !keys.SessionToken.Empty(),
	}, true, nil
}

// parseDuration reads whole seconds.
func parseDuration(v awsconfig.Value, least, most time.Duration) (time.Duration, error) {
	n, err := strconv.Atoi(v.Text)
	d := time.Duration(n) * time.Second
	if err != nil || n < 0 || n > int(most.Seconds()) || d < least {
		return 0, wrong(v, fmt.Sprintf("= %q is out of range", brief(v.Text)),
			fmt.Sprintf("write whole seconds from %d to %d", int(least.Seconds()), int(most.Seconds())))
	}
	return d, nil
}
