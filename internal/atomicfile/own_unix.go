//go:build unix

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Mine reports whether the file of info belongs to this user.
func Mine(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

func loose(info fs.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }

// SyncDir writes the folder dir to disk, so that a rename in it survives a power cut.
// It does nothing on a file system that cannot: the file is whole without it.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err = d.Sync(); errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	if closed := d.Close(); err == nil {
		err = closed
	}
	return err
}
