package place

import (
	"os"
	"strconv"

	"understudy/internal/atomicfile"
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
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && atomicfile.Mine(info) && info.Mode().Perm() == RuntimeFolderMode
}
