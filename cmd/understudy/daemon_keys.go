package main

import (
	"context"
	"errors"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/longkeys"
	"understudy/internal/source"
	"understudy/internal/wire"
)

// kept gives sources the long-lived keys that are in the keychain; nil where
// nothing is kept there.
func (s *store) kept(state string) *source.Kept {
	if s.k == nil {
		return nil
	}
	keys := longkeys.Keys{Store: s.k, Marks: longkeys.OpenMarks(state)}
	return &source.Kept{
		Key: func(ctx context.Context, profile string) (awsconfig.StaticKeys, string, error) {
			e, ok, err := keys.Get(ctx, profile)
			if err != nil || !ok {
				return awsconfig.StaticKeys{}, "", noKey(profile, err)
			}
			return awsconfig.StaticKeys{AccessKeyID: e.ID, SecretAccessKey: e.Secret}, e.Account, nil
		},
		Mark:  keys.Marks.Of,
		Marks: keys.Marks.Path(),
	}
}

// unlocksWithin is how soon a person may have opened the keychain without our
// hearing of it.
const unlocksWithin = time.Second

// noKey is why there is no key of a profile; a nil err is that none is kept.
func noKey(profile string, err error) *credential.Failure {
	f := &credential.Failure{Code: wire.Temporary, Hint: "try again; see also: understudy status"}
	switch {
	case err == nil:
		f.Code, f.Reason, f.Hint = wire.BadConfig, "there are none in the keychain", "put them there: understudy keys add "+profile
		return f
	case errors.Is(err, keychain.ErrLocked):
		f.Code, f.Hint, f.RetryAfter = wire.LoginNeeded, "unlock the keychain, then try again", unlocksWithin
	case errors.Is(err, keychain.ErrAbsent):
		f.Code, f.Hint, f.RetryAfter = wire.LoginNeeded, "start a keychain, or log in where one runs; see also: understudy status", unlocksWithin
	case errors.Is(err, longkeys.ErrDamaged):
		f.Code, f.Hint = wire.BadConfig, "put them there anew: understudy keys add "+profile
	}
	f.Reason = err.Error()
	return f
}
