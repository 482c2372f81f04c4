package awsconfig

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/windows"
)

const (
	nonblock = 0 // a pipe has no name among files
	notDir   = windows.ERROR_DIRECTORY
	loop     = windows.ERROR_CANT_RESOLVE_FILENAME
)

// inode is known only of an open file here: the time the file was made takes
// its place, since a file that replaces another is made anew.
func inode(info fs.FileInfo) (dev, ino uint64, ctime int64) {
	d, ok := info.Sys().(*syscall.Win32FileAttributeData)
	if !ok {
		return 0, 0, 0
	}
	return 0, 0, d.CreationTime.Nanoseconds()
}
