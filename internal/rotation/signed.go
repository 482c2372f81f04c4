package rotation

import (
	"context"
	"errors"
	"time"

	"understudy/internal/aws"
	"understudy/internal/aws/iam"
	"understudy/internal/credential"
	"understudy/internal/longkeys"
	"understudy/internal/wire"
)

// signed makes a call of IAM: with the key in use, or with an MFA session where a
// policy of the user's asks for one. A session goes before the key once there is
// one; when IAM no longer takes it another is asked for.
func (r *Rotation) signed(ctx context.Context, e longkeys.Entry, do func(with aws.Keys) error) error {
	if r.session != nil {
		err := do(*r.session)
		if err == nil || !credential.AsFailure(err).BaseRefused {
			return err
		}
		r.session = nil
	}
	err := do(signing(e.Key))
	if err == nil || !denied(err) {
		return err
	}
	if r.Session == nil {
		return explained(err, "; if it asks for MFA, write understudy_mfa_serial into the profile")
	}
	session, err := r.Session(ctx)
	if err != nil {
		return err
	}
	r.session = &session
	return explained(do(session), "")
}

// explained is err, with all that a rotation needs in the hint where a policy
// keeps the user from a part of it.
func explained(err error, more string) error {
	if !denied(err) {
		return err
	}
	f := *credential.AsFailure(err)
	f.Hint = "a policy has to allow the user " + actions + " on itself" + more
	return &f
}

const actions = "iam:ListAccessKeys, iam:CreateAccessKey, iam:UpdateAccessKey, iam:DeleteAccessKey and iam:GetAccessKeyLastUsed"

// denied reports whether a policy keeps the caller from it.
func denied(err error) bool { return errors.Is(err, iam.ErrNotAllowed) }

// passing reports whether the same may succeed some seconds later.
func passing(err error) bool {
	f := credential.AsFailure(err)
	return f.BaseRefused || f.Code == wire.Temporary
}

func signing(k longkeys.Key) aws.Keys {
	return aws.Keys{AccessKeyID: k.ID, SecretAccessKey: k.Secret}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
