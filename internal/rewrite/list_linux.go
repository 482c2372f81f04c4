package rewrite

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

const (
	accessList = "system.posix_acl_access"
	maxList    = 64 << 10 // the most that the kernel keeps
)

// listLike gives a temp file the access list of the file from, and none where
// that has none or is not named: one may have come from the folder.
func listLike(temp *os.File, from string) error {
	if from != "" {
		list := make([]byte, maxList)
		n, err := unix.Lgetxattr(from, accessList, list)
		switch {
		case err == nil:
			return unix.Fsetxattr(int(temp.Fd()), accessList, list[:n], 0)
		case !without(err):
			return err
		}
	}
	if err := unix.Fremovexattr(int(temp.Fd()), accessList); err != nil && !without(err) {
		return err
	}
	return nil
}

// without reports whether there is no list, or no such thing here.
func without(err error) bool {
	return errors.Is(err, unix.ENODATA) || errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS)
}
