package source

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"

	"understudy/internal/awsconfig"
)

// absolute returns the path that v names. It has to be absolute or below the
// home folder: the daemon has no working folder in common with whoever wrote it.
func absolute(v awsconfig.Value) (string, error) {
	path := v.Text
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := home()
		if err != nil {
			return "", wrong(v, "is below the home folder, which is not known", "write the path from the root")
		}
		path = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(path) {
		return "", wrong(v, fmt.Sprintf("= %q is not an absolute path", brief(v.Text)), "write the path from the root, or from ~/")
	}
	return filepath.Clean(path), nil
}

func home() (string, error) {
	if h, err := os.UserHomeDir(); err == nil {
		return h, nil
	}
	u, err := user.Current()
	if err != nil {
		return "", err
	}
	return u.HomeDir, nil
}

// readFile reads a regular file of at most limit bytes, and never waits: a fifo
// opened in the usual way would wait for its writer.
func readFile(path string, limit int64) ([]byte, stamp, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, stamp{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, stamp{}, err
	}
	if !info.Mode().IsRegular() {
		return nil, stamp{}, fmt.Errorf("%s is not a regular file", path)
	}
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return content, stamp{path, info}, err
}
