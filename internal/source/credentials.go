package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// credentials are what somebody else than STS gave us.
type credentials struct {
	keys    awsconfig.StaticKeys
	expires time.Time // zero when not told
	account string    // empty when not told
}

// session is the session that they are, at the moment they came. One that is to
// last longer than any session does is taken to last as long as one may.
func (c credentials) session(now credential.Moment) credential.Session {
	expires := c.expires
	if last := now.Wall.Add(keySessionMax); expires.After(last) {
		expires = last
	}
	expires = expires.UTC().Truncate(time.Second)
	return credential.Session{
		AccessKeyID:     c.keys.AccessKeyID,
		SecretAccessKey: c.keys.SecretAccessKey,
		SessionToken:    c.keys.SessionToken,
		Expiration:      expires,
		AccountID:       c.account,
		Lifetime:        expires.Sub(now.Wall),
		Issued:          now,
	}
}

// fromSDK are the credentials that a provider of the SDK returned.
func fromSDK(c aws.Credentials) credentials {
	got := credentials{
		keys: awsconfig.StaticKeys{
			AccessKeyID:     c.AccessKeyID,
			SecretAccessKey: credential.NewSecret(c.SecretAccessKey),
			SessionToken:    credential.NewSecret(c.SessionToken),
		},
		account: c.AccountID,
	}
	if c.CanExpire {
		got.expires = c.Expires
	}
	if !isAccount(got.account) {
		got.account = ""
	}
	return got
}

// parsePrinted reads what a credential_process printed, by AWS's own rules: one
// JSON object, of which unknown keys are passed over. No error repeats any of
// it.
func parsePrinted(text []byte) (credentials, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil || object == nil {
		return credentials{}, errors.New("it is not one JSON object")
	}
	if string(object["Version"]) != "1" {
		return credentials{}, errors.New(`its Version is not the number 1`)
	}
	var id, secret, token, expires, account string
	for _, f := range []struct {
		name   string
		into   *string
		needed bool
	}{
		{"AccessKeyId", &id, true},
		{"SecretAccessKey", &secret, true},
		{"SessionToken", &token, false},
		{"Expiration", &expires, false},
		{"AccountId", &account, false},
	} {
		if raw, ok := object[f.name]; ok {
			if err := json.Unmarshal(raw, f.into); err != nil {
				return credentials{}, fmt.Errorf("its %s is not text", f.name)
			}
		}
		if f.needed && *f.into == "" {
			return credentials{}, fmt.Errorf("it has no %s", f.name)
		}
	}
	got := credentials{keys: awsconfig.StaticKeys{
		AccessKeyID: id, SecretAccessKey: credential.NewSecret(secret), SessionToken: credential.NewSecret(token),
	}}
	if problem := unfit(got.keys); problem != "" {
		return credentials{}, errors.New(problem)
	}
	if expires != "" {
		at, err := time.Parse(time.RFC3339, expires)
		if err != nil {
			return credentials{}, errors.New("its Expiration is not a time as in 2006-01-02T15:04:05Z")
		}
		got.expires = at
	}
	if isAccount(account) {
		got.account = account
	}
	return got, nil
}

// unfit says what keeps keys from standing in a request; empty when nothing does.
func unfit(k awsconfig.StaticKeys) string {
	switch {
	case !isKeyID(k.AccessKeyID):
		return "its access key ID has characters that none of AWS has"
	case k.SecretAccessKey.Empty() || hasInvisible(k.SecretAccessKey):
		return "its secret access key has characters that none of AWS has"
	case hasInvisible(k.SessionToken):
		return "its session token has characters that none of AWS has"
	}
	return ""
}
