//go:build unix

package cache

import (
	"os"
	"syscall"
)

// owned returns an error if the file or folder at path cannot be trusted: errForeign
// if it is a link, something else, or another user's; errLoose if others may write
// to it.
func owned(path string) error {
	f, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !f.Mode().IsRegular() && !f.IsDir() {
		return errForeign
	}
	if st, ok := f.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != os.Getuid() {
		return errForeign
	}
	if f.Mode().Perm()&0o022 != 0 {
		return errLoose
	}
	return nil
}

// syncDir writes the directory dir to disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closed := d.Close(); err == nil {
		err = closed
	}
	return err
}
