package awsconfig

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	nonblock = unix.O_NONBLOCK | unix.O_NOCTTY // so that a pipe in the file's place does not hold us
	notDir   = unix.ENOTDIR
	loop     = unix.ELOOP
)

func inode(info fs.FileInfo) (dev, ino uint64, ctime int64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, 0
	}
	return uint64(st.Dev), st.Ino, st.Ctim.Nano()
}
