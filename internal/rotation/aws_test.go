package rotation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"understudy/internal/aws"
	"understudy/internal/aws/iam"
	"understudy/internal/credential"
	"understudy/internal/keychain/keyringtest/drawer"
	"understudy/internal/longkeys"
	"understudy/internal/wire"
)

const aliceARN = "arn:aws:iam::111111111111:user/team/alice"

// place is a keychain and an AWS with one user, both of which can die under
// whoever uses them.
type place struct {
	*drawer.Drawer

	mu      sync.Mutex
	keys    []*issued
	made    int
	unknown int  // calls a new key signs in vain
	mfa     bool // IAM wants a session made with a code
	deny    string
	fail    error // of every call of IAM
	asked   int   // for an MFA session
	said    []string

	steps int // left until death; 0 means that nobody dies
	after bool
	dead  bool
}

type issued struct {
	iam.Key
	secret  string
	used    time.Time
	unknown int
}

var errDead = errors.New("dead")

func newPlace(t *testing.T) *place {
	p := &place{Drawer: drawer.New()}
	p.keys = []*issued{{Key: iam.Key{ID: "AKIAFIRST", Active: true, Created: time.Now().Add(-time.Hour)}, secret: "secret-AKIAFIRST"}}
	return p
}

// step is one thing that is done to the world; whoever dies in it dies before it
// takes effect, or after and never hears of it.
func (p *place) step(do func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.steps == 1
	switch {
	case p.dead:
		return errDead
	case last && !p.after:
		p.dead = true
		return errDead
	}
	if p.steps > 0 {
		p.steps--
	}
	err := do()
	if last {
		p.dead = true
		return errDead
	}
	return err
}

func (p *place) Get(ctx context.Context, key string) (v credential.Secret, ok bool, err error) {
	err = p.step(func() (err error) { v, ok, err = p.Drawer.Get(ctx, key); return err })
	return v, ok, err
}

func (p *place) Set(ctx context.Context, key string, v credential.Secret) error {
	return p.step(func() error { return p.Drawer.Set(ctx, key, v) })
}

func (p *place) Delete(ctx context.Context, key string) error {
	return p.step(func() error { return p.Drawer.Delete(ctx, key) })
}

func refusal(reason string) *credential.Failure {
	return &credential.Failure{Code: wire.Denied, Reason: reason, Hint: "see"}
}

type marked struct {
	*credential.Failure
	is error
}

func (m marked) Unwrap() []error { return []error{m.Failure, m.is} }

// signedBy finds the key that signs; an MFA session is one whose token says so.
func (p *place) signedBy(k aws.Keys) error {
	unknown := refusal("InvalidClientTokenId")
	unknown.BaseRefused = true
	if k.SessionToken.Reveal() == "mfa" {
		return nil
	}
	for _, one := range p.keys {
		switch {
		case one.ID != k.AccessKeyID:
		case one.secret != k.SecretAccessKey.Reveal():
			return refusal("SignatureDoesNotMatch")
		case one.unknown > 0:
			one.unknown--
			return unknown
		case one.Active:
			one.used = time.Now()
			return nil
		}
	}
	return unknown
}

// iam is a call of IAM.
func (p *place) iam(k aws.Keys, action string, do func() error) error {
	return p.step(func() error {
		if p.fail != nil {
			return p.fail
		}
		if err := p.signedBy(k); err != nil {
			return err
		}
		if p.mfa && k.SessionToken.Empty() || p.deny == action {
			return marked{refusal("AccessDenied: iam:" + action), iam.ErrNotAllowed}
		}
		return do()
	})
}

func (p *place) Who(_ context.Context, k aws.Keys) (who aws.Identity, err error) {
	err = p.step(func() error {
		who = aws.Identity{Account: "111111111111", ARN: aliceARN}
		return p.signedBy(k)
	})
	return who, err
}

func (p *place) Keys(_ context.Context, k aws.Keys, user string) (all []iam.Key, now time.Time, err error) {
	err = p.iam(k, "ListAccessKeys", func() error {
		for _, one := range p.keys {
			all = append(all, one.Key)
		}
		return nil
	})
	return all, time.Now(), err
}

func (p *place) Create(_ context.Context, k aws.Keys, user string) (key aws.Keys, created time.Time, err error) {
	err = p.iam(k, "CreateAccessKey", func() error {
		if user != "alice" {
			return refusal("NoSuchUser " + user)
		}
		if len(p.keys) == 2 {
			return marked{refusal("LimitExceeded"), iam.ErrTwoKeys}
		}
		p.made++
		one := &issued{Key: iam.Key{ID: fmt.Sprint("AKIANEW", p.made), Active: true, Created: time.Now().Truncate(time.Second)}, unknown: p.unknown}
		one.secret = "secret-" + one.ID
		p.keys = append(p.keys, one)
		key, created = aws.Keys{AccessKeyID: one.ID, SecretAccessKey: credential.NewSecret(one.secret)}, one.Created
		return nil
	})
	return key, created, err
}

func (p *place) change(k aws.Keys, action, id string, do func(*issued)) error {
	return p.iam(k, action, func() error {
		for _, one := range p.keys {
			if one.ID == id {
				do(one)
				return nil
			}
		}
		return marked{refusal("NoSuchEntity"), iam.ErrNoSuchKey}
	})
}

func (p *place) Deactivate(_ context.Context, k aws.Keys, _, id string) error {
	return p.change(k, "UpdateAccessKey", id, func(one *issued) { one.Active = false })
}

// DeleteKey is Delete of the Issuer, of which the keychain has one too.
func (p *place) DeleteKey(k aws.Keys, id string) error {
	return p.change(k, "DeleteAccessKey", id, func(one *issued) {
		p.keys = slices.DeleteFunc(p.keys, func(k *issued) bool { return k == one })
	})
}

func (p *place) LastUsed(_ context.Context, k aws.Keys, id string) (at time.Time, err error) {
	err = p.change(k, "GetAccessKeyLastUsed", id, func(one *issued) { at = one.used })
	return at, err
}

// issuer is the AWS of a place.
type issuer struct{ *place }

func (i issuer) Delete(_ context.Context, k aws.Keys, _, id string) error {
	return i.DeleteKey(k, id)
}

// session is what a daemon gives for an MFA code.
func (p *place) session(context.Context) (aws.Keys, error) {
	p.asked++
	return aws.Keys{AccessKeyID: "ASIA", SecretAccessKey: credential.NewSecret("session"), SessionToken: credential.NewSecret("mfa")}, nil
}

// rotation is one run of the verb in this place; marks outlive it.
func (p *place) rotation(marks *longkeys.Marks) *Rotation {
	return &Rotation{
		Profile: "alice", Keys: longkeys.Keys{Store: p, Marks: marks}, Issuer: issuer{p},
		Say: func(format string, args ...any) { p.said = append(p.said, fmt.Sprintf(format, args...)) },
	}
}
