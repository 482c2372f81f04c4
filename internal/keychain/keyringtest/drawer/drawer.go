// Package drawer is a keychain in memory, for tests of what is kept in one.
package drawer

import (
	"context"
	"errors"
	"sync"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// Drawer keeps items. It may be used from several goroutines once its fields
// are set.
type Drawer struct {
	Items map[string]string
	// Sick are the items that answer with an error. A torn one is mended by
	// writing over it.
	Sick map[string]error
	// Left is one more than the number of calls that it still answers; 0 means no limit.
	Left int

	mu sync.Mutex
}

// errDead is the error of every call after Left has run out.
var errDead = errors.New("dead")

// New returns an empty Drawer.
func New() *Drawer { return &Drawer{Items: map[string]string{}, Sick: map[string]error{}} }

func (d *Drawer) Get(_ context.Context, key string) (credential.Secret, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.callLocked(key); err != nil {
		return credential.Secret{}, false, err
	}
	v, ok := d.Items[key]
	return credential.NewSecret(v), ok, nil
}

func (d *Drawer) Set(_ context.Context, key string, v credential.Secret) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.callLocked(key); err != nil && !errors.Is(err, keychain.ErrTorn) {
		return err
	}
	delete(d.Sick, key)
	d.Items[key] = v.Reveal()
	return nil
}

func (d *Drawer) Delete(_ context.Context, key string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.callLocked(key); err != nil && !errors.Is(err, keychain.ErrTorn) {
		return err
	}
	delete(d.Sick, key)
	delete(d.Items, key)
	return nil
}

// callLocked counts a call; d.mu must be held.
func (d *Drawer) callLocked(key string) error {
	if d.Left == 1 {
		return errDead
	}
	if d.Left > 1 {
		d.Left--
	}
	return d.Sick[key]
}
