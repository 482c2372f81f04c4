//go:build unix

package rewrite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"understudy/internal/atomicfile"
)

// safely keeps a link that someone just put there from being read through, and
// a pipe from being waited for.
const safely = unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY

// lockFlag opens what is locked: the folder, so that no file of ours lies in it.
const lockFlag = os.O_RDONLY

func lockedName(path string) string { return filepath.Dir(path) }

// own refuses what a replacement would take away from somebody.
func own(path string, info fs.FileInfo) error {
	switch {
	case !atomicfile.Mine(info):
		return refuse(path, "belongs to another user", "change it where it is made, or make it yours")
	case info.Sys().(*syscall.Stat_t).Nlink > 1:
		return refuse(path, "has a second name, a hard link, which would keep the old text", "make one of the two a symbolic link")
	}
	return nil
}

// like gives a temp file the group of the file it is to replace, the access list
// of the file listOf, and then the mode: with a list its middle is the list's
// mask.
func like(temp *os.File, info fs.FileInfo, mode fs.FileMode, listOf string) error {
	st := info.Sys().(*syscall.Stat_t)
	made, err := temp.Stat()
	if err != nil {
		return err
	}
	if m, ok := made.Sys().(*syscall.Stat_t); !ok || m.Gid != st.Gid {
		if err := temp.Chown(-1, int(st.Gid)); err != nil {
			return err
		}
	}
	if err := listLike(temp, listOf); err != nil {
		return err
	}
	return temp.Chmod(mode)
}

func full(err error) bool { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }
