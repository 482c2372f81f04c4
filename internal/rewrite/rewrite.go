// Package rewrite puts a new text into a file that people and other programs
// use: the old file or the new one, whole, whatever happens in between. What
// the file was read as is what it has to be still; its mode, its group and its
// access list stay, and a symbolic link goes on pointing to it.
package rewrite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"understudy/internal/atomicfile"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// ErrChanged is wrapped by Replace's error where the file is another than the
// one that was read.
var ErrChanged = errors.New("changed since it was read")

// maxFile is the biggest file that is read, as awsconfig has it.
const maxFile = 16 << 20

// File is a file as it was read.
type File struct {
	name string // as it was named
	path string // what that leads to
	text string // holds secrets: never printed
	info fs.FileInfo
}

// Open reads the file that path, or the link there, leads to. A file that is
// missing is an error that is fs.ErrNotExist. One that is another user's, that
// has a second name, or is no ordinary file is refused with a
// *credential.Failure: its replacement would be something else.
func Open(path string) (*File, error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, explain(path, err)
	}
	if target, err = filepath.Abs(target); err != nil {
		return nil, explain(path, err)
	}
	f := &File{name: path, path: target}
	f.text, f.info, err = read(target)
	if err != nil {
		return nil, explain(path, err)
	}
	return f, nil
}

// Text is what the file said when it was read.
func (f *File) Text() string { return f.text }

// Format keeps the text out of anything printed.
func (f File) Format(s fmt.State, _ rune) { fmt.Fprint(s, f.path) }

// Options say what Replace does beside replacing.
type Options struct {
	// Backup keeps the old text in a file beside the new one. A file that holds
	// keys which are being taken out of it has none: they would stay in it.
	Backup bool
}

// lockPatience is how long Replace waits for another of its kind, lockRetry how
// often it looks.
const (
	lockPatience = 5 * time.Second
	lockRetry    = 10 * time.Millisecond
)

// Replace puts text in place of what the file said and returns the path of the
// backup, if one was asked for. After it the File is the new one. After an error
// the file is as it was.
func (f *File) Replace(ctx context.Context, text string, o Options) (backup string, err error) {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	l := flock.New(lockedName(f.path), flock.SetFlag(lockFlag))
	locked, err := l.TryLockContext(ctx, lockRetry)
	if ctx.Err() != nil {
		return "", f.refuse("is being changed by another understudy", "wait for it, then run this again")
	}
	// A file system that has no locks, as some of the network, is no reason to
	// refuse: what keeps others' work from being lost is unchanged.
	defer l.Close()
	age := atomicfile.StaleAfter
	if locked && err == nil {
		age = 0 // no other process writes one
	}
	atomicfile.Sweep(f.path, age)
	if err := f.unchanged(); err != nil {
		return "", err
	}
	if o.Backup {
		if backup, err = f.backUp(time.Now()); err != nil {
			return "", f.cannot(err)
		}
	}
	info, err := f.put(text)
	if err != nil {
		if backup != "" {
			os.Remove(backup)
		}
		return "", err
	}
	f.text, f.info = text, info
	if backup != "" {
		prune(f.path)
	}
	return backup, nil
}

// put writes text beside the file and lets it take the file's place.
func (f *File) put(text string) (fs.FileInfo, error) {
	temp, err := f.write(text, f.info.Mode().Perm(), f.path)
	if err != nil {
		return nil, f.cannot(err)
	}
	// Looked at again at the last moment: an editor knows of no lock.
	if err = f.unchanged(); err == nil {
		if err = os.Rename(temp, f.path); err != nil {
			err = f.cannot(err)
		}
	}
	if err != nil {
		os.Remove(temp)
		return nil, err
	}
	_ = atomicfile.SyncDir(filepath.Dir(f.path)) // some file systems cannot
	info, err := os.Lstat(f.path)
	if err != nil {
		return nil, f.cannot(err)
	}
	return info, nil
}

// write makes a temp file of this text, on the disk, and returns its path. It has
// the access list of the file listOf, "" for none.
func (f *File) write(text string, mode fs.FileMode, listOf string) (string, error) {
	return atomicfile.Write(f.path, []byte(text), func(temp *os.File) error { return like(temp, f.info, mode, listOf) })
}

// unchanged reports an error unless the file is still the one that was read.
func (f *File) unchanged() error {
	target, err := filepath.EvalSymlinks(f.name)
	if err == nil {
		target, err = filepath.Abs(target)
	}
	if err != nil || target != f.path {
		return f.changed()
	}
	text, info, err := read(f.path)
	if err != nil || text != f.text || !os.SameFile(info, f.info) || info.Mode() != f.info.Mode() {
		return f.changed()
	}
	return nil
}

func (f *File) changed() error {
	return fmt.Errorf("%w: %w", f.refuse("has changed since it was read", "nothing was written; run it again").(*credential.Failure), ErrChanged)
}

func (f *File) cannot(err error) error { return explain(f.path, err) }

func (f *File) refuse(why, hint string) error { return refuse(f.path, why, hint) }

func refuse(path, why, hint string) error {
	return &credential.Failure{Code: wire.BadConfig, Reason: path + " " + why, Hint: hint}
}
