package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	fileName   = "trusted.json"
	tempPrefix = ".trusted-"
	version    = 1
	maxList    = 4 << 20  // bytes; some ten thousand entries
	maxConfig  = 16 << 20 // bytes; the most that is read of a configuration file
	staleAfter = time.Minute
)

type document struct {
	Version int     `json:"version"`
	Files   []Entry `json:"files"`
}

// load reads the list. One that does not parse counts as empty: every file on
// it asks again, and the next Add writes it anew. One of a newer version is an
// error, so that it is left alone.
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

// save replaces the list in dir: a temporary file beside it, synced, then
// renamed, so that a crash leaves the old list or the new one.
func save(dir string, entries []Entry) error {
	content, err := json.MarshalIndent(document{version, entries}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if err := ownedAlone(dir, info); err != nil {
		return err
	}
	sweep(dir)
	f, err := os.CreateTemp(dir, tempPrefix) // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(append(content, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, fileName))
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write it in %s: %w", dir, firstOf(err))
	}
	syncDir(dir)
	return nil
}

// firstOf keeps a joined error on one line: what came first caused the rest.
func firstOf(err error) error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		return j.Unwrap()[0]
	}
	return err
}

// sweep removes what a crash left behind. A young file may be another
// process's that is being written right now.
func sweep(dir string) {
	left, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range left {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), tempPrefix) && time.Since(info.ModTime()) > staleAfter {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
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
