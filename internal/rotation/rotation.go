// Package rotation puts a new access key in the place of the one that is kept
// for a profile, and ends the old one.
//
// Each step is in the keychain before the next is made. Whoever is interrupted,
// at whatever point, runs it again: it goes on from what the keychain says and
// what IAM lists, and ends with one key, which is the one that is kept. The old
// key is ended only once the new one was kept and has proven itself.
package rotation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"understudy/internal/aws"
	"understudy/internal/aws/iam"
	"understudy/internal/credential"
	"understudy/internal/longkeys"
	"understudy/internal/wire"
)

// Issuer issues the keys: an iam.Issuer. A rotation needs all of its methods. Its
// errors are, or wrap, *credential.Failure; a key that it does not know is one
// with BaseRefused.
type Issuer interface {
	Who(ctx context.Context, key aws.Keys) (aws.Identity, error)
	Keys(ctx context.Context, with aws.Keys, user string) (all []iam.Key, now time.Time, err error)
	Create(ctx context.Context, with aws.Keys, user string) (key aws.Keys, created time.Time, err error)
	Deactivate(ctx context.Context, with aws.Keys, user, id string) error
	Delete(ctx context.Context, with aws.Keys, user, id string) error
	LastUsed(ctx context.Context, with aws.Keys, id string) (time.Time, error)
}

// Rotation is of one profile's key. It is run by whoever holds the longkeys.Lock.
type Rotation struct {
	Profile string
	Keys    longkeys.Keys
	Issuer  Issuer
	// Session gets an MFA session of the user, for an IAM that asks for one; it may
	// ask a person. nil where the profile names no device.
	Session func(context.Context) (aws.Keys, error)
	// Say tells a person what was done; nil tells nobody.
	Say func(format string, args ...any)

	session *aws.Keys // once it was needed
}

// Time limits. All of what Run waits for beside a person is AWS.
const (
	spread  = 90 * time.Second // for AWS to know a new key everywhere it is asked
	pause   = 500 * time.Millisecond
	longest = 5 * time.Second // pause grows to this
	proofs  = 4               // answers in a row that a new key has to have, gap apart
	gap     = 400 * time.Millisecond
	commit  = 15 * time.Second // for a step that is not left half done
)

// Run rotates the key, or goes on with the rotation that was begun. Its errors
// are, or wrap, *credential.Failure, or are the keychain's own.
func (r *Rotation) Run(ctx context.Context) error {
	e, ok, err := r.Keys.Get(ctx, r.Profile)
	switch {
	case err != nil:
		return err
	case !ok:
		return &credential.Failure{Code: wire.BadConfig, Reason: fmt.Sprintf("no key of %q is kept", r.Profile), Hint: "keep one: understudy keys add " + r.Profile}
	}
	if e.Rotation != nil {
		r.say("going on with the rotation that was begun")
	}
	if e.Rotation == nil || e.Rotation.New == nil && e.Rotation.Old == nil {
		if e, err = r.create(ctx, e); err != nil {
			return err
		}
	}
	if e.Rotation.New != nil {
		if e, err = r.take(ctx, e); err != nil {
			return err
		}
	}
	return r.end(ctx, e)
}

// take has the new key prove itself and puts it in the place of the old one.
func (r *Rotation) take(ctx context.Context, e longkeys.Entry) (longkeys.Entry, error) {
	who, err := r.prove(ctx, e)
	if err != nil {
		return e, r.unproven(ctx, e, err)
	}
	if e.User != "" && who.ARN != e.User {
		return e, &credential.Failure{Code: wire.Denied, Reason: "the new key speaks for " + who.ARN + ", and not for " + e.User,
			Hint: "look at endpoint_url of the profile: what answers there is not AWS"}
	}
	old := e.Key
	e.Key, e.Kept, e.Account, e.User = *e.Rotation.New, time.Now().UTC(), who.Account, who.ARN
	e.Rotation = &longkeys.Rotation{Since: e.Rotation.Since, Old: &old}
	if err := r.keep(ctx, e); err != nil {
		return e, err
	}
	r.say("the new key is in use")
	return e, nil
}

// prove asks with the new key until AWS knows it for good: each of its machines
// hears of it in its own time.
func (r *Rotation) prove(ctx context.Context, e longkeys.Entry) (who aws.Identity, err error) {
	for in := 0; in < proofs; in++ {
		if in > 0 {
			if err := sleep(ctx, gap); err != nil {
				return who, err
			}
		}
		began, tries := time.Now(), 0
		who, err = r.Issuer.Who(ctx, signing(*e.Rotation.New))
		for err != nil && passing(err) && time.Since(began) < spread {
			in, tries = 0, tries+1
			if err := sleep(ctx, min(pause<<min(tries-1, 8), longest)); err != nil {
				return who, err
			}
			who, err = r.Issuer.Who(ctx, signing(*e.Rotation.New))
		}
		if err != nil {
			return who, err
		}
	}
	return who, nil
}

// unproven explains a new key that has not proven itself. One that IAM does not
// list any more was deleted by somebody, and is let go.
func (r *Rotation) unproven(ctx context.Context, e longkeys.Entry, why error) error {
	if f := credential.AsFailure(why); !f.BaseRefused {
		return why
	}
	all, _, err := r.list(ctx, e)
	if err != nil {
		return again(why)
	}
	if _, ok := find(all, e.Rotation.New.ID); ok {
		return again(why)
	}
	e.Rotation = nil
	if err := r.keep(ctx, e); err != nil {
		return err
	}
	return &credential.Failure{Code: wire.Temporary, Reason: "the new key is gone from IAM before it was in use", Hint: "run it again: understudy keys rotate " + r.Profile}
}

// again is why it did not go on now and may later.
func again(why error) error {
	f := *credential.AsFailure(why)
	f.Code, f.Hint = wire.Temporary, "both keys are kept; run it again in some minutes"
	return &f
}

// end deactivates the old key, then deletes it, and is done.
func (r *Rotation) end(ctx context.Context, e longkeys.Entry) error {
	old := e.Rotation.Old
	for _, step := range []struct {
		do   func(context.Context, aws.Keys, string, string) error
		said string
	}{
		{r.Issuer.Deactivate, "deactivated the old key"},
		{r.Issuer.Delete, "deleted the old key"},
	} {
		err := r.patiently(ctx, e, func(with aws.Keys) error { return step.do(ctx, with, userName(e), old.ID) })
		if err != nil && !errors.Is(err, iam.ErrNoSuchKey) {
			return err
		}
		r.say("%s", step.said)
	}
	e.Rotation = nil
	return r.keep(ctx, e)
}

// patiently is signed, until IAM knows the key in use.
func (r *Rotation) patiently(ctx context.Context, e longkeys.Entry, do func(with aws.Keys) error) error {
	began := time.Now()
	for tries := 0; ; tries++ {
		err := r.signed(ctx, e, do)
		if err == nil || !passing(err) || time.Since(began) > spread {
			return err
		}
		if err := sleep(ctx, min(pause<<min(tries, 8), longest)); err != nil {
			return err
		}
	}
}

// keep writes e. It is not left half done, so that Ctrl-C comes before or after.
func (r *Rotation) keep(ctx context.Context, e longkeys.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commit)
	defer cancel()
	return r.Keys.Put(ctx, r.Profile, e)
}

func (r *Rotation) say(format string, args ...any) {
	if r.Say != nil {
		r.Say(format, args...)
	}
}
