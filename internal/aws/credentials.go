package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// LongestSession is the longest that AWS gives to any session.
const LongestSession = 36 * time.Hour

// Credentials are credentials that STS did not issue to us: those of an instance, a
// container, a login or another program.
type Credentials struct {
	Keys    Keys
	Expires time.Time // zero if not known
	Account string    // empty if not known
}

// Session returns the credentials as a session issued now. It lasts
// LongestSession at most. The caller must Check it.
func (e Credentials) Session(now credential.Moment) credential.Session {
	expires := e.Expires
	if last := now.Wall.Add(LongestSession); expires.After(last) {
		expires = last
	}
	expires = expires.UTC().Truncate(time.Second)
	return credential.Session{
		AccessKeyID:     e.Keys.AccessKeyID,
		SecretAccessKey: e.Keys.SecretAccessKey,
		SessionToken:    e.Keys.SessionToken,
		Expiration:      expires,
		AccountID:       e.Account,
		Lifetime:        expires.Sub(now.Wall),
		Issued:          now,
	}
}

// fromSDK returns the credentials of a provider of the SDK.
func fromSDK(c sdk.Credentials) Credentials {
	e := Credentials{
		Keys: Keys{
			AccessKeyID:     c.AccessKeyID,
			SecretAccessKey: credential.NewSecret(c.SecretAccessKey),
			SessionToken:    credential.NewSecret(c.SessionToken),
		},
		Account: c.AccountID,
	}
	if c.CanExpire {
		e.Expires = c.Expires
	}
	if !IsAccountID(e.Account) {
		e.Account = ""
	}
	return e
}

// toSession makes a session of a provider's credentials, or rejects them. from
// names the provider in the message.
func toSession(c sdk.Credentials, now credential.Moment, from string) (credential.Session, error) {
	s := fromSDK(c).Session(now)
	err := s.Check(now)
	if err == nil {
		return s, nil
	}
	return credential.Session{}, &credential.Failure{
		Code:   wire.Temporary,
		Reason: text.Clean(fmt.Sprintf("%s: %v, so it is refused whole", from, err)),
		Hint:   "check this machine's clock; understudy asks again",
	}
}

// retrieve calls a provider of the SDK. Some of them panic if a response is JSON
// but not an object; that becomes an error.
func retrieve(ctx context.Context, from sdk.CredentialsProvider) (got sdk.Credentials, err error) {
	defer func() {
		if recover() != nil {
			err = errNoObject
		}
	}()
	return from.Retrieve(ctx)
}

var errNoObject = errors.New("the answer is not an object")
