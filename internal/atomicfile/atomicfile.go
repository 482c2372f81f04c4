// Package atomicfile replaces files so that a crash leaves either the old content or the
// new, and reports whether a file or folder is this user's own.
package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// StaleAfter is the age at which a temporary file is considered abandoned.
const StaleAfter = time.Minute

// Replace writes dir/name. It makes dir if necessary, removes temporary files older than
// StaleAfter, and gives only this user permissions on both. It returns ErrForeign, and writes
// nothing, if dir, or the folder that it is a link to, is not this user's.
func Replace(dir, name string, content []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err == nil {
		err = Own(info)
	}
	if err != nil && !errors.Is(err, ErrLoose) {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if info.Mode().Perm() != 0o700 { // some file systems have one mode for all
		if err := os.Chmod(dir, 0o700); err != nil && loose(info) {
			return err
		}
	}
	path := filepath.Join(dir, name)
	Sweep(path, StaleAfter)
	temp, err := Write(path, content, nil)
	if err != nil {
		return cause(err)
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp) // a later Sweep removes it
		return cause(err)
	}
	return SyncDir(dir)
}

// Write writes content into a new temporary file next to path, with mode 0600, lets
// prepare change the file, and syncs it. A nil prepare changes nothing. The caller
// renames or removes the file.
func Write(path string, content []byte, prepare func(*os.File) error) (temp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), prefix(path))
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil && prepare != nil {
		err = prepare(f)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(f.Name()) // a later Sweep removes it
		return "", err
	}
	return f.Name(), nil
}

// Sweep removes the temporary files of path that are older than age: a crash left
// them. A younger one may be another process's, which is still writing it; the age 0
// removes them all, whatever the clocks say.
func Sweep(path string, age time.Duration) {
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range left {
		if !strings.HasPrefix(e.Name(), prefix(path)) || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil && (age == 0 || time.Since(info.ModTime()) >= age) {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name())) // it costs some disk space
		}
	}
}

// prefix is the start of the names of path's temporary files. It is hidden, and
// names understudy, because some are in folders of other programs.
func prefix(path string) string { return "." + filepath.Base(path) + ".understudy-temp-" }

// cause returns err without the name of a temporary file. The name differs each time,
// so each try would be logged as a new error.
func cause(err error) error {
	switch e := err.(type) {
	case *os.PathError:
		return fmt.Errorf("%s a temporary file in %s: %w", e.Op, filepath.Dir(e.Path), e.Err)
	case *os.LinkError:
		return fmt.Errorf("%s %s: %w", e.Op, e.New, e.Err)
	}
	return err
}
