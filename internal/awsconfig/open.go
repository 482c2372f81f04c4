package awsconfig

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

const (
	maxFile = 16 << 20 // the biggest file that is read
	bigFile = 1 << 20  // one whose reading is felt in the memory
)

// readFile returns what path says, "" when there is no such file.
func readFile(path string) (string, stamp, error) {
	if path == "" {
		return "", stamp{settled: true}, nil
	}
	if !filepath.IsAbs(path) {
		return "", stamp{}, refuse(path, "is not an absolute path", "name the file from the root on")
	}
	// Looked at before it is opened: to open a device may do something.
	info, err := os.Stat(path)
	if err == nil && !isNull(info) {
		err = regular(path, info)
	}
	switch {
	case missing(err) || err == nil && isNull(info):
		return "", stamp{settled: true}, nil
	case err != nil:
		return "", stamp{}, explainOpen(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if missing(err) {
		return "", stamp{settled: true}, nil
	}
	if err != nil {
		return "", stamp{}, explainOpen(path, err)
	}
	defer f.Close()
	return readOpen(path, f)
}

// readOpen reads a file whose name may mean another file by now.
func readOpen(path string, f *os.File) (string, stamp, error) {
	before, err := f.Stat()
	if err == nil {
		err = regular(path, before)
	}
	if err != nil {
		return "", stamp{}, explainOpen(path, err)
	}
	if before.Size() > bigFile {
		// What the last reading left behind goes first: a file of megabytes that
		// changes again and again must not add up.
		debug.FreeOSMemory()
	}
	src, err := readWhole(f, before)
	if err != nil {
		return "", stamp{}, explainOpen(path, err)
	}
	if len(src) > maxFile {
		return "", stamp{}, refuse(path, "is over 16 MiB", "no configuration is that big; look at what writes it")
	}
	after, err := f.Stat()
	if err != nil {
		return "", stamp{}, explainOpen(path, err)
	}
	st := newStamp(after)
	st.settled = st.same(newStamp(before))
	if !strings.HasPrefix(src, "\xff\xfe") && !strings.HasPrefix(src, "\xfe\xff") {
		return src, st, nil
	}
	return "", stamp{}, refuse(path, "is UTF-16", "save it as UTF-8")
}

// readWhole reads f, or a little more than maxFile of it. It makes room in one
// step, and in one more for what is written meanwhile: a buffer that grows as it
// is filled would leave several times the file behind.
func readWhole(f *os.File, info fs.FileInfo) (string, error) {
	var b strings.Builder
	for b.Len() <= maxFile {
		more := min(info.Size(), maxFile) - int64(b.Len()) + 1 // to see its end
		if more <= 0 {
			more = 32 << 10 // a file of no known size, as in /proc
		}
		b.Grow(int(more))
		_, err := io.CopyN(&b, f, more)
		if err == io.EOF {
			break
		}
		if err == nil {
			info, err = f.Stat()
		}
		if err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func isNull(info fs.FileInfo) bool {
	if info.Mode().IsRegular() || info.IsDir() {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(null, info)
}

func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, notDir)
}

// regular refuses what is no file, and what is too big to be one of ours.
func regular(path string, info fs.FileInfo) error {
	const hint = "put a file there, or name another"
	switch m := info.Mode(); {
	case m.IsDir():
		return refuse(path, "is a folder", hint)
	case m&fs.ModeNamedPipe != 0:
		return refuse(path, "is a named pipe", hint)
	case m&fs.ModeSocket != 0:
		return refuse(path, "is a socket", hint)
	case m&fs.ModeDevice != 0:
		return refuse(path, "is a device", hint)
	case !m.IsRegular():
		return refuse(path, "is no ordinary file", hint)
	}
	return nil
}

func explainOpen(path string, err error) error {
	if _, ok := errors.AsType[*credential.Failure](err); ok {
		return err
	}
	var inner *fs.PathError
	cause := err
	if errors.As(err, &inner) {
		cause = inner.Err
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return refuse(path, "may not be read", "make it and its folders yours: chmod u+r "+path)
	case errors.Is(err, loop):
		return refuse(path, "is a symbolic link that leads back to itself", "point the link to a file")
	}
	return refuse(path, "cannot be read: "+cause.Error(), "see that the file can be opened")
}

func refuse(path, why, hint string) error {
	return &credential.Failure{Code: wire.BadConfig, Reason: fmt.Sprintf("%s %s", path, why), Hint: hint}
}
