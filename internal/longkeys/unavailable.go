package longkeys

import (
	"errors"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/wire"
)

// unlocksWithin is how soon the user may have unlocked the keychain without the
// daemon being told.
const unlocksWithin = time.Second

// Unavailable returns why there is no key of a profile: what Keys.Get returned; a nil
// err means that none is kept.
func Unavailable(profile string, err error) *credential.Failure {
	f := &credential.Failure{Code: wire.Temporary, Hint: "try again; see also: understudy status"}
	switch {
	case err == nil:
		f.Code, f.Reason, f.Hint = wire.BadConfig, "there are none in the keychain", "put them there: understudy keys add "+profile
		return f
	case errors.Is(err, keychain.ErrLocked):
		f.Code, f.Hint, f.RetryAfter = wire.LoginNeeded, "unlock the keychain, then try again", unlocksWithin
	case errors.Is(err, keychain.ErrAbsent):
		f.Code, f.Hint, f.RetryAfter = wire.LoginNeeded, "start a keychain, or log in where one runs; see also: understudy status", unlocksWithin
	case errors.Is(err, ErrDamaged):
		f.Code, f.Hint = wire.BadConfig, "put them there anew: understudy keys add "+profile
	}
	f.Reason = err.Error()
	return f
}
