package rewrite

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// safely is nothing here: no pipe stands in a folder.
const safely = 0

// lockFlag opens what is locked: a file beside the other, since a folder cannot
// be.
const lockFlag = os.O_CREATE | os.O_RDWR

func lockedName(path string) string { return path + ".understudy-lock" }

// own and like have nothing to do: the folder's access list says whose a file
// is, and a new file takes it over.
func own(string, fs.FileInfo) error { return nil }

func like(*os.File, fs.FileInfo, fs.FileMode, string) error { return nil }

func full(err error) bool { return errors.Is(err, windows.ERROR_DISK_FULL) }
