package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// replace writes dir/name atomically: it writes and syncs a temporary file in dir,
// renames it to name, and syncs dir. It makes dir if necessary. Only this user has
// permissions on both.
func replace(dir, name, temp string, b []byte) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := owned(dir); err != nil && !errors.Is(err, errLoose) {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, temp) // 0600
	if err != nil {
		return trimmed(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // if it fails, the next start removes it
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		return trimmed(err)
	}
	return syncDir(dir)
}

// trimmed returns err without the name of the temporary file. The name differs each
// time, so each try would be logged as a new error.
func trimmed(err error) error {
	switch e := err.(type) {
	case *os.PathError:
		return fmt.Errorf("%s a temporary file in %s: %w", e.Op, filepath.Dir(e.Path), e.Err)
	case *os.LinkError:
		return fmt.Errorf("%s %s: %w", e.Op, e.New, e.Err)
	}
	return err
}
