// Package longkeys keeps long-lived access keys in the keychain, each under the
// name of the profile that it is for. One name is one key, whatever file the
// profile stands in. Beside it, in the state folder, stands a mark of each key, by
// which the daemon sees that a key is another without asking the keychain.
package longkeys

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// Key is one long-lived access key.
type Key struct {
	ID      string
	Secret  credential.Secret
	Created time.Time // by AWS's clock; zero when nobody said
}

// Entry is what is kept for a profile: the key in use, and in the middle of a
// rotation another beside it.
type Entry struct {
	Key
	Kept    time.Time // when the key was put here
	Account string    // 12 digits
	User    string    // ARN of who the key speaks for

	Rotation *Rotation // nil outside of one
}

// Rotation is how far the change of a key got. Each step is in the keychain
// before the next is made, so that whoever is interrupted goes on from there.
type Rotation struct {
	// Since is when the new key was about to be made, by AWS's clock.
	Since time.Time
	// New is made and not yet in use; nil before, and after it took its place.
	New *Key
	// Old is what the key in use took the place of, still to be ended; nil before.
	Old *Key
}

// Keys are those that Store keeps.
type Keys struct {
	Store keychain.Store
	Marks *Marks
}

func (k Keys) items() keychain.Collection { return keychain.Collection{Store: k.Store, Kind: "keys"} }

// ErrDamaged is an item that can be read and is none of ours, or not whole.
var ErrDamaged = errors.New("the keys in the keychain are damaged")

// Get returns what is kept for a profile.
func (k Keys) Get(ctx context.Context, profile string) (e Entry, ok bool, err error) {
	v, ok, err := k.items().Get(ctx, profile)
	if errors.Is(err, keychain.ErrTorn) {
		return Entry{}, false, ErrDamaged
	}
	if err != nil || !ok {
		return Entry{}, false, err
	}
	e, err = decode(v)
	return e, err == nil, err
}

// Put keeps e for a profile in place of what was kept, and reads it back.
//
// The mark of another key is taken away before and set after: whoever is killed
// in between leaves no mark, which stands for no key that was ever used.
func (k Keys) Put(ctx context.Context, profile string, e Entry) error {
	v, err := encode(e)
	if err != nil {
		return err
	}
	same := k.Marks.Of(profile) == mark(e.ID)
	if !same {
		if err := k.Marks.set(profile, ""); err != nil {
			return err
		}
	}
	if err := k.items().Put(ctx, profile, v); err != nil {
		return err
	}
	back, ok, err := k.items().Get(ctx, profile)
	switch {
	case err != nil:
		return err
	case !ok || !back.Equal(v):
		return keychain.ErrLost
	}
	if same {
		return nil
	}
	return k.Marks.set(profile, mark(e.ID))
}

// Remove takes away what is kept for a profile; was is false when there was
// nothing.
func (k Keys) Remove(ctx context.Context, profile string) (was bool, err error) {
	if k.Marks.read()[profile] != "" {
		if err := k.Marks.set(profile, ""); err != nil {
			return false, err
		}
	}
	return k.items().Remove(ctx, profile)
}

// Listed is one of those that List returns.
type Listed struct {
	Profile string
	Entry
	Damaged bool // and Entry is zero
}

// List returns what is kept, by profile.
func (k Keys) List(ctx context.Context) ([]Listed, error) {
	names, err := k.items().Names(ctx)
	if err != nil {
		return nil, err
	}
	var all []Listed
	for _, name := range names {
		e, ok, err := k.Get(ctx, name)
		damaged := errors.Is(err, ErrDamaged)
		if err != nil && !damaged {
			return nil, err
		}
		if ok || damaged {
			all = append(all, Listed{name, e, damaged})
		}
	}
	return all, nil
}

// Why a key is rejected. No message quotes it.
var (
	errNoID      = errors.New("not an access key ID: want letters and digits, as in AKIAIOSFODNN7EXAMPLE")
	errNoSecret  = errors.New("not a secret access key: want 40 letters, digits, + and /")
	errTemporary = errors.New("a key whose ID begins with ASIA is temporary: it expires, so it cannot be kept")
)

// Check returns an error unless k can be a long-lived key. It accepts short ones,
// because programs that stand in for AWS issue them.
func Check(k Key) error {
	word := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '_'
	}
	secret := k.Secret.Reveal()
	switch {
	case k.ID == "", len(k.ID) > 128, strings.ContainsFunc(k.ID, func(r rune) bool { return !word(r) }):
		return errNoID
	case strings.HasPrefix(k.ID, "ASIA"):
		return errTemporary
	case secret == "", len(secret) > 512, strings.ContainsFunc(secret, func(r rune) bool { return r < '!' || r > '~' }):
		return errNoSecret
	}
	return nil
}

// Format keeps the key out of anything printed.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[key]") }
