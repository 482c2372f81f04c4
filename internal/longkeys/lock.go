package longkeys

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

var (
	errNoFolder = errors.New("there is no state folder to note the change in")
	// ErrBusy is Lock's while another process changes keys.
	ErrBusy = errors.New("another understudy changes keys at this moment")
)

const lockFile = "keys.lock"

// Lock keeps other processes of this user from changing keys until unlock is
// called, or this one ends. It waits for nobody.
func Lock(dir string) (unlock func(), err error) {
	if dir == "" {
		return nil, errNoFolder
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600))
	switch ok, err := l.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock the keys in %s: %w", dir, err)
	case !ok:
		return nil, ErrBusy
	}
	return func() { l.Close() }, nil
}
