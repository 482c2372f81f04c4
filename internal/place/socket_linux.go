package place

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// The socket's path in the user's runtime folder is RuntimeFolders, the user id
// and RuntimeSocket.
const (
	RuntimeFolders    = "/run/user/"
	RuntimeSocket     = "/understudy/socket"
	RuntimeFolderMode = 0o700 // a folder with other permissions is not used
)

func defaultSocket() (string, error) {
	if dir := RuntimeFolders + strconv.Itoa(os.Getuid()); isPrivate(dir) {
		return dir + RuntimeSocket, nil
	}
	return underHome()
}

// isPrivate reports whether dir is a folder of this user with RuntimeFolderMode.
func isPrivate(dir string) bool {
	var st unix.Stat_t
	return unix.Lstat(dir, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR &&
		int(st.Uid) == os.Getuid() && st.Mode&0o777 == RuntimeFolderMode
}
