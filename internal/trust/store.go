package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"understudy/internal/atomicfile"
)

const (
	fileName  = "trusted.json"
	version   = 1
	maxList   = 4 << 20  // bytes; some ten thousand entries
	maxConfig = 16 << 20 // bytes; the most that is read of a configuration file
)

type document struct {
	Version int     `json:"version"`
	Files   []Entry `json:"files"`
}

// load reads the list. One that does not parse is treated as empty: the user
// is asked about every file again, and the next Add replaces the list. One of
// a newer version is an error, so that it is not overwritten.
func load(path string) (fs.FileInfo, []Entry, error) {
	content, info, err := readOwn(path, maxList)
	if err != nil {
		return nil, nil, err
	}
	var doc document
	if err := json.Unmarshal(content, &doc); err != nil {
		return info, nil, nil
	}
	if doc.Version > version {
		return nil, nil, fmt.Errorf("%s was written by a newer understudy (version %d)", path, doc.Version)
	}
	return info, doc.Files, nil
}

// save replaces the list in dir.
func save(dir string, entries []Entry) error {
	content, err := json.MarshalIndent(document{version, entries}, "", "  ")
	if err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err == nil {
		err = ownedAlone(dir, info)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return atomicfile.Replace(dir, fileName, append(content, '\n'))
}

// ownedAlone returns an error with a fix if another user owns path or can write to it.
func ownedAlone(path string, info fs.FileInfo) error {
	switch err := atomicfile.Own(info); {
	case errors.Is(err, atomicfile.ErrLoose):
		return fmt.Errorf("%s may be written by others; fix: chmod go-w %s", path, path)
	case err != nil:
		return fmt.Errorf("%s belongs to another user", path)
	}
	return nil
}

// readOwn reads a regular file that this user alone can write. It is opened
// without blocking, since a fifo would wait for a writer for ever, and judged by
// what was opened rather than by what the path names a moment later.
func readOwn(path string, limit int64) ([]byte, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a regular file", path)
	}
	if err := ownedAlone(path, info); err != nil {
		return nil, nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, nil, err
	}
	if int64(len(content)) > limit {
		return nil, nil, fmt.Errorf("%s is larger than %d MiB", path, limit>>20)
	}
	return content, info, nil
}
