//go:build unix

package trust

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// ownedAlone reports an error unless this user owns the file and nobody else
// may write to it.
func ownedAlone(path string, info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user", path)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s may be written by others; mend: chmod go-w %s", path, path)
	}
	return nil
}

// syncDir makes a rename last through a crash. The list is whole without it, so
// a file system that cannot is no error.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
