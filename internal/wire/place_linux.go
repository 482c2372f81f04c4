package wire

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

func defaultSocket() (string, error) {
	if dir := "/run/user/" + strconv.Itoa(os.Getuid()); isPrivate(dir) {
		return dir + "/understudy/socket", nil
	}
	return underHome()
}

// isPrivate reports whether dir is a folder of this user's that nobody else may
// look into.
func isPrivate(dir string) bool {
	var st unix.Stat_t
	return unix.Lstat(dir, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR &&
		int(st.Uid) == os.Getuid() && st.Mode&0o777 == 0o700
}
