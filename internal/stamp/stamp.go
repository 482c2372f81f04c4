// Package stamp reads small files outside the configuration, and tells later
// whether a file is still the one that was read.
package stamp

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// File is one state of a file: its path, size, time and inode. The zero File is
// the state of no file.
type File struct {
	path string
	info fs.FileInfo // nil if the file did not exist
}

// Of returns the state of the file at path, which may be missing.
func Of(path string) File {
	info, err := os.Stat(path)
	if err != nil {
		return File{path: path}
	}
	return File{path, info}
}

// Read reads a regular file of at most limit bytes. It never blocks: without
// O_NONBLOCK, opening a fifo would wait for its writer.
func Read(path string, limit int64) ([]byte, File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, File{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, File{}, err
	}
	if !info.Mode().IsRegular() {
		return nil, File{}, fmt.Errorf("%s is not a regular file", path)
	}
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return content, File{path, info}, err
}

// String is different for each state of the file, as far as size and time tell.
func (f File) String() string {
	if f.info == nil {
		return "missing"
	}
	return fmt.Sprintf("%d bytes of %d", f.info.Size(), f.info.ModTime().UnixNano())
}

// Fresh reports whether the file is unchanged, as far as a stat can tell.
func (f File) Fresh() bool {
	now, err := os.Stat(f.path)
	if f.info == nil {
		return err != nil
	}
	return err == nil && os.SameFile(now, f.info) && now.Size() == f.info.Size() && now.ModTime().Equal(f.info.ModTime())
}
