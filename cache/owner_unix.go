//go:build unix

package cache

import (
	"os"
	"syscall"
)

// owned reports what speaks against trusting the file or folder at path:
// errForeign when it is neither, a link, or another user's, errLoose when others
// may write to it.
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

// syncDir puts the names in dir on disk.
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
