package rotation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"understudy/internal/aws"
	"understudy/internal/aws/iam"
	"understudy/internal/credential"
	"understudy/internal/longkeys"
	"understudy/internal/wire"
)

// create makes a new key and keeps it beside the one in use.
func (r *Rotation) create(ctx context.Context, e longkeys.Entry) (longkeys.Entry, error) {
	if e.User == "" {
		who, err := r.Issuer.Who(ctx, signing(e.Key))
		if err != nil {
			return e, err
		}
		e.Account, e.User = who.Account, who.ARN
	}
	if userName(e) == "" {
		return e, &credential.Failure{Code: wire.Denied, Reason: e.User + " is no IAM user, and only a user's key is rotated",
			Hint: "a key of the account's root user is better deleted: make a user, and keep the key of that"}
	}
	if err := r.shared(ctx, e); err != nil {
		return e, err
	}
	now, err := r.clear(ctx, e)
	if err != nil {
		return e, err
	}
	e.Rotation = &longkeys.Rotation{Since: now}
	if err := r.keep(ctx, e); err != nil {
		return e, err
	}

	// From the call until the secret is kept nothing but the end of this process
	// comes between; for that there is Since.
	var made aws.Keys
	var created time.Time
	once, cancel := context.WithTimeout(context.WithoutCancel(ctx), commit)
	defer cancel()
	err = r.signed(ctx, e, func(with aws.Keys) (err error) {
		made, created, err = r.Issuer.Create(once, with, userName(e))
		return err
	})
	if err != nil {
		return e, r.unmade(ctx, e, err)
	}
	e.Rotation.New = &longkeys.Key{ID: made.AccessKeyID, Secret: made.SecretAccessKey, Created: created}
	if err := r.keep(ctx, e); err != nil {
		r.undo(ctx, e)
		return e, err
	}
	r.say("made a new key, and keep both")
	return e, nil
}

// unmade is why there is no new key. A plain no made none, so that there is
// nothing to look for later.
func (r *Rotation) unmade(ctx context.Context, e longkeys.Entry, why error) error {
	if credential.AsFailure(why).Code == wire.Denied {
		e.Rotation = nil
		if err := r.keep(ctx, e); err != nil {
			return err
		}
	}
	return why
}

// undo deletes a new key that could not be kept, where that can be done; else
// the next run does it.
func (r *Rotation) undo(ctx context.Context, e longkeys.Entry) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commit)
	defer cancel()
	if r.signed(ctx, e, func(with aws.Keys) error {
		return r.Issuer.Delete(ctx, with, userName(e), e.Rotation.New.ID)
	}) == nil {
		r.say("deleted the new key again, since it could not be kept")
	}
}

// clear sees to it that the user has no key but the one in use, so that another
// can be made, and returns the time by AWS's clock. What an interrupted rotation
// made, and nobody has the secret of, it deletes; any other key it leaves alone.
func (r *Rotation) clear(ctx context.Context, e longkeys.Entry) (now time.Time, err error) {
	all, now, err := r.list(ctx, e)
	if err != nil {
		return now, err
	}
	if _, ok := find(all, e.ID); !ok {
		return now, &credential.Failure{Code: wire.Denied, Reason: fmt.Sprintf("IAM lists no key %s of %s", e.ID, e.User), Hint: "see: aws iam list-access-keys"}
	}
	for _, other := range all {
		if other.ID == e.ID {
			continue
		}
		if err := r.discard(ctx, e, other); err != nil {
			return now, err
		}
	}
	return now, nil
}

// lost is how long after Since an interrupted rotation may have made its key.
const lost = 10 * time.Minute

// discard deletes a key that an interrupted rotation left, and refuses to touch
// any other.
func (r *Rotation) discard(ctx context.Context, e longkeys.Entry, other iam.Key) error {
	state := "active"
	if !other.Active {
		state = "inactive"
	}
	f := &credential.Failure{Code: wire.Denied,
		Reason: fmt.Sprintf("%s has another key, %s, %s, made %s, and AWS allows two", e.User, other.ID, state, other.Created.Format("2006-01-02 15:04")),
		Hint:   fmt.Sprintf("if nobody uses it: aws iam delete-access-key --user-name %s --access-key-id %s", userName(e), other.ID)}
	if e.Rotation == nil || other.Created.Before(e.Rotation.Since.Truncate(time.Second)) || other.Created.Sub(e.Rotation.Since) > lost {
		return f
	}
	if kept, err := r.kept(ctx, other.ID); err != nil || kept {
		return cmp.Or(err, error(f))
	}
	var used time.Time
	err := r.signed(ctx, e, func(with aws.Keys) (err error) {
		used, err = r.Issuer.LastUsed(ctx, with, other.ID)
		return err
	})
	switch {
	case errors.Is(err, iam.ErrNoSuchKey):
		return nil
	case err != nil:
		return err
	case !used.IsZero():
		return f
	}
	err = r.signed(ctx, e, func(with aws.Keys) error {
		return r.Issuer.Delete(ctx, with, userName(e), other.ID)
	})
	if err != nil && !errors.Is(err, iam.ErrNoSuchKey) {
		return err
	}
	r.say("deleted the key %s: it was made when the rotation was interrupted, its secret was lost, and nobody used it", other.ID)
	return nil
}

// shared refuses to end a key that is kept for another profile too, which would
// be left with it.
func (r *Rotation) shared(ctx context.Context, e longkeys.Entry) error {
	all, err := r.Keys.List(ctx)
	for _, one := range all {
		if one.ID == e.ID && one.Profile != r.Profile {
			return &credential.Failure{Code: wire.BadConfig, Reason: fmt.Sprintf("the key %s is kept for %q too, which would stop working", e.ID, one.Profile),
				Hint: fmt.Sprintf("have roles name %s as source_profile, then run: understudy keys remove %s", r.Profile, one.Profile)}
		}
	}
	return err
}

// kept reports whether a key is kept for any profile: it is not lost then, though
// IAM may say for hours that nobody used it.
func (r *Rotation) kept(ctx context.Context, id string) (bool, error) {
	all, err := r.Keys.List(ctx)
	return slices.ContainsFunc(all, func(one longkeys.Listed) bool { return one.ID == id }), err
}

func (r *Rotation) list(ctx context.Context, e longkeys.Entry) (all []iam.Key, now time.Time, err error) {
	err = r.signed(ctx, e, func(with aws.Keys) (err error) {
		all, now, err = r.Issuer.Keys(ctx, with, userName(e))
		return err
	})
	return all, now, err
}

func find(all []iam.Key, id string) (iam.Key, bool) {
	for _, k := range all {
		if k.ID == id {
			return k, true
		}
	}
	return iam.Key{}, false
}

// userName is the name of the IAM user that the key is of; "" for who is none.
func userName(e longkeys.Entry) string {
	parts := strings.SplitN(e.User, ":", 6)
	if len(parts) != 6 || !strings.HasPrefix(parts[5], "user/") {
		return ""
	}
	return parts[5][strings.LastIndexByte(parts[5], '/')+1:]
}
