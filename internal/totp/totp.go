// Package totp keeps the seeds of virtual MFA devices in the keychain and makes
// their codes, for a person who wants to be asked no more. That puts the second
// factor beside the first: whoever reads the keychain has both. So it is off
// until a seed is added by hand and a profile says that it is to be used.
package totp

import (
	"context"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// Seeds are those that Store keeps, each under the serial number of its device.
type Seeds struct{ Store keychain.Store }

func (s Seeds) items() keychain.Collection { return keychain.Collection{Store: s.Store, Kind: "totp"} }

// Code is one code and the moment from which there is another.
type Code struct {
	Value credential.Secret
	Until time.Time
}

// Code returns the code of now; ok is false when there is no seed of the
// device. A code is good once: who has used it waits until Until.
func (s Seeds) Code(ctx context.Context, serial string, now time.Time) (c Code, ok bool, err error) {
	seed, ok, err := s.items().Get(ctx, serial)
	if err != nil || !ok {
		return Code{}, false, err
	}
	c, err = code(seed, now)
	return c, err == nil, err
}

// Add keeps a seed that ParseSeed returned, in place of the one before.
func (s Seeds) Add(ctx context.Context, serial string, seed credential.Secret) error {
	return s.items().Put(ctx, serial, seed)
}

// Remove takes a device's seed away; was is false when there was none.
func (s Seeds) Remove(ctx context.Context, serial string) (was bool, err error) {
	return s.items().Remove(ctx, serial)
}

// List returns the serial numbers of the devices that have a seed.
func (s Seeds) List(ctx context.Context) ([]string, error) {
	serials, err := s.items().Names(ctx)
	if err != nil {
		return nil, err
	}
	var whole []string
	for _, serial := range serials {
		if _, ok, err := s.items().Get(ctx, serial); err != nil {
			return nil, err
		} else if ok {
			whole = append(whole, serial)
		}
	}
	return whole, nil
}
