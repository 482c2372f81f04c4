// Package totp keeps the seeds of virtual MFA devices in the keychain and makes
// their codes, for a person who wants to be asked no more. That puts the second
// factor beside the first: whoever reads the keychain has both. So it is off
// until a seed is added by hand and a profile says that it is to be used.
package totp

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// Store keeps secrets: a keychain. A miss is ok == false with a nil error.
type Store interface {
	Get(ctx context.Context, key string) (v credential.Secret, ok bool, err error)
	Set(ctx context.Context, key string, v credential.Secret) error
	Delete(ctx context.Context, key string) error
}

// Seeds are those that Store keeps, each under the serial number of its device.
//
// A keychain does not tell what it holds, so an item of its own lists the
// devices. It is written before a seed is, and after one is removed: whoever is
// killed in between leaves a name without a seed, never a seed without a name.
type Seeds struct{ Store Store }

// listKey is where the list is, and the beginning of every seed's own key.
const listKey = "totp"

func key(serial string) string { return listKey + "/" + serial }

// Code is one code and the moment from which there is another.
type Code struct {
	Value credential.Secret
	Until time.Time
}

// Code returns the code of now; ok is false when there is no seed of the
// device. A code is good once: who has used it waits until Until.
func (s Seeds) Code(ctx context.Context, serial string, now time.Time) (c Code, ok bool, err error) {
	seed, ok, err := s.Store.Get(ctx, key(serial))
	if err != nil || !ok {
		return Code{}, false, err
	}
	c, err = code(seed, now)
	return c, err == nil, err
}

// Add keeps a seed that ParseSeed returned, in place of the one before.
func (s Seeds) Add(ctx context.Context, serial string, seed credential.Secret) error {
	serials, err := s.list(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(serials, serial) {
		if err := s.keep(ctx, append(serials, serial)); err != nil {
			return err
		}
	}
	return s.Store.Set(ctx, key(serial), seed)
}

// Remove takes a device's seed away; was is false when there was none.
func (s Seeds) Remove(ctx context.Context, serial string) (was bool, err error) {
	_, was, err = s.Store.Get(ctx, key(serial))
	was = was || errors.Is(err, keychain.ErrTorn)
	if err := s.Store.Delete(ctx, key(serial)); err != nil { // which says what is wrong with the keychain, too
		return false, err
	}
	serials, err := s.list(ctx)
	if err != nil {
		return was, err
	}
	rest := slices.DeleteFunc(slices.Clone(serials), func(one string) bool { return one == serial })
	if len(rest) == len(serials) {
		return was, nil
	}
	return was, s.keep(ctx, rest)
}

// List returns the serial numbers of the devices that have a seed.
func (s Seeds) List(ctx context.Context) ([]string, error) {
	serials, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	var whole []string
	for _, serial := range serials {
		if _, ok, err := s.Store.Get(ctx, key(serial)); err != nil {
			return nil, err
		} else if ok {
			whole = append(whole, serial)
		}
	}
	slices.Sort(whole)
	return whole, nil
}

// list reads the list. One that is damaged counts as empty: the seeds that it
// named are used still, and can be removed by name.
func (s Seeds) list(ctx context.Context) ([]string, error) {
	v, ok, err := s.Store.Get(ctx, listKey)
	if err != nil && !errors.Is(err, keychain.ErrTorn) {
		return nil, err
	}
	var serials []string
	if !ok || json.Unmarshal([]byte(v.Reveal()), &serials) != nil {
		return nil, nil
	}
	return serials, nil
}

func (s Seeds) keep(ctx context.Context, serials []string) error {
	if len(serials) == 0 {
		return s.Store.Delete(ctx, listKey)
	}
	b, err := json.Marshal(serials)
	if err != nil {
		return err
	}
	return s.Store.Set(ctx, listKey, credential.NewSecret(string(b)))
}
