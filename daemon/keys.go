package daemon

import (
	"context"

	"understudy/internal/awsconfig"
	"understudy/internal/longkeys"
	"understudy/internal/source"
)

// kept returns access to the long-lived keys in the keychain; nil if the keychain is
// not used.
func (s *store) kept(state string) *source.Kept {
	if s.k == nil {
		return nil
	}
	keys := longkeys.Keys{Store: s.k, Marks: longkeys.OpenMarks(state)}
	return &source.Kept{
		Key: func(ctx context.Context, profile string) (awsconfig.StaticKeys, string, error) {
			e, ok, err := keys.Get(ctx, profile)
			if err != nil || !ok {
				return awsconfig.StaticKeys{}, "", longkeys.Unavailable(profile, err)
			}
			return awsconfig.StaticKeys{AccessKeyID: e.ID, SecretAccessKey: e.Secret}, e.Account, nil
		},
		Mark:  keys.Marks.Of,
		Marks: keys.Marks.Path(),
	}
}
