package source

import (
	"fmt"
	"strconv"
	"time"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// The limits of GetSessionToken; the default is AWS's own.
const (
	keySessionDefault = 12 * time.Hour
	keySessionMin     = 15 * time.Minute
	keySessionMax     = aws.LongestSession
)

// ownKeys makes the plan of a profile that has only keys: GetSessionToken, so
// that programs get temporary credentials.
func ownKeys(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	s, ok, err := b.keysOf(p)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, badValue(by, "has no pair", "write aws_access_key_id and aws_secret_access_key, both into one file")
	}
	if s.temporary {
		return nil, badValue(by, "is temporary, and STS gives no session for such keys",
			fmt.Sprintf("let the SDK read profile %q directly, or name it as source_profile of a role", p.name))
	}
	return b.keySession(p, s)
}

// keySession makes the plan of a session of p's own keys, with a code of its MFA
// device if it has one.
func (b *builder) keySession(p profile, s signing) (*credential.Plan, error) {
	d, err := b.device(p, p)
	if err != nil {
		return nil, err
	}
	if d != nil {
		return b.mfaSession(s, d, p, "aws")
	}
	length, err := keySessionDuration(p)
	if err != nil {
		return nil, err
	}
	to, err := b.endpoint(p, awsconfig.Value{}, "aws")
	if err != nil {
		return nil, err
	}
	c := &call{
		r: b.r, to: to, signer: s.signer, op: sessionToken{length}, what: fmt.Sprintf("get session token for keys of %q", p.name), at: p.At(),
	}
	return c.plan(p.name, "session of "+s.description), nil
}

// keySessionDuration is how long a session of long-lived keys is asked for.
func keySessionDuration(p profile) (time.Duration, error) {
	v, ok := p.value("duration_seconds")
	if !ok {
		return keySessionDefault, nil
	}
	return parseDuration(v, keySessionMin, keySessionMax)
}

// parseDuration reads whole seconds.
func parseDuration(v awsconfig.Value, least, most time.Duration) (time.Duration, error) {
	n, err := strconv.Atoi(v.Text)
	d := time.Duration(n) * time.Second
	if err != nil || n < 0 || n > int(most.Seconds()) || d < least {
		return 0, badValue(v, fmt.Sprintf("= %q is out of range", brief(v.Text)),
			fmt.Sprintf("write whole seconds from %d to %d", int(least.Seconds()), int(most.Seconds())))
	}
	return d, nil
}
