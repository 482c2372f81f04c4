package rewrite

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"understudy/internal/credential"
)

// read returns the text of an ordinary file of this user's. It is judged by what
// was opened, and opened without waiting: a pipe would wait for its writer.
func read(path string) (string, fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", nil, err
	}
	if err := fit(path, info); err != nil { // before it is opened: to open a device may do something
		return "", nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|safely, 0)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return "", nil, err
	}
	if err := fit(path, info); err != nil {
		return "", nil, err
	}
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", nil, err
	}
	if n > maxFile {
		return "", nil, refuse(path, "is over 16 MiB", "no configuration is that big; look at what writes it")
	}
	return b.String(), info, nil
}

func fit(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return refuse(path, "is no ordinary file", "put a file there, or name another")
	}
	return own(path, info)
}

// explain puts what the system says into a reason and a hint.
func explain(path string, err error) error {
	if _, ok := errors.AsType[*credential.Failure](err); ok {
		return err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	cause := err
	var inner *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &inner):
		cause = inner.Err
	case errors.As(err, &link):
		cause = link.Err
	}
	hint := "nothing was changed; see that the file and its folder are yours to write to"
	if full(err) {
		hint = "nothing was changed; make room on the disk, then run it again"
	}
	return refuse(path, "cannot be replaced: "+cause.Error(), hint)
}
