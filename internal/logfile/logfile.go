// Package logfile writes the daemon's logs: files that do not grow without
// bound, that may be moved away or deleted under the daemon, and that nobody
// but their owner reads.
package logfile

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"sync"
)

// File appends to the file at Path. It is an io.Writer; each Write is one
// whole record. It may be used from several goroutines. It refuses to write to
// anything but a regular file, and does not wait for one.
type File struct {
	path string
	max  int64

	mu sync.Mutex
	f  *os.File
}

// New returns a File that appends to path, which is opened at the first Write.
// When the file has reached max bytes it is renamed to path + ".1", which
// replaces the one of that name, and begun anew.
func New(path string, max int64) *File { return &File{path: path, max: max} }

// Write appends p. After an error the next Write opens the file again.
func (l *File) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.openLocked(); err != nil {
		return 0, err
	}
	n, err := l.f.Write(p)
	if err != nil {
		l.f.Close()
		l.f = nil
	}
	return n, err
}

func (l *File) openLocked() error {
	if l.f != nil {
		here, err1 := l.f.Stat()
		there, err2 := os.Lstat(l.path)
		if err1 == nil && err2 == nil && os.SameFile(here, there) && here.Size() < l.max {
			return nil
		}
		l.f.Close()
		l.f = nil
	}
	if st, err := os.Lstat(l.path); err == nil && st.Mode().IsRegular() && st.Size() >= l.max {
		if err := os.Rename(l.path, l.path+".1"); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|safely, 0o600)
	if errors.Is(err, noReader) {
		return notAFile(l.path)
	}
	if err != nil {
		return err
	}
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		f.Close()
		return cmp.Or(err, notAFile(l.path))
	}
	l.f = f
	return nil
}

// notAFile refuses what is no regular file: a pipe would take what is logged to
// whoever put it there, and stop the daemon while nobody reads it.
func notAFile(path string) error { return fmt.Errorf("%s is not a regular file", path) }

// Close closes the file; a later Write opens it again.
func (l *File) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	f := l.f
	l.f = nil
	return f.Close()
}
