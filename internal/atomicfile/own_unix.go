//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"syscall"
)

// Mine reports whether the file of info belongs to this user.
func Mine(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}

func loose(info fs.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }

// SyncDir writes the folder dir to disk, so that a rename in it survives a power cut.
// The file is whole without it.
func SyncDir(dir string) error {
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
