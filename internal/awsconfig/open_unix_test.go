//go:build unix

package awsconfig

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

func TestWhatIsNoReadableFileIsRefusedByName(t *testing.T) {
	for name, c := range map[string]struct {
		make func(path string) error
		want string
	}{
		"pipe":    {func(p string) error { return syscall.Mkfifo(p, 0o600) }, "is a named pipe"},
		"folder":  {func(p string) error { return os.Mkdir(p, 0o700) }, "is a folder"},
		"device":  {func(p string) error { return os.Symlink("/dev/zero", p) }, "is a device"},
		"loop":    {func(p string) error { return os.Symlink(p, p) }, "is a symbolic link that leads back to itself"},
		"socket":  {listen, "is a socket"},
		"too big": {func(p string) error { return sparse(p, maxFile+1) }, "is over 16 MiB"},
		"UTF-16":  {func(p string) error { return os.WriteFile(p, []byte("\xff\xfe[\x00"), 0o600) }, "is UTF-16"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "config")
			if err := c.make(path); err != nil {
				t.Fatal(err)
			}
			for _, f := range []Files{{Config: path}, {Credentials: path}} {
				var r Reader
				got, err := r.Read(t.Context(), f)
				wantBadConfig(t, err, path+" "+c.want)
				if got != nil {
					t.Errorf("a Config came with it: %v", got)
				}
			}
		})
	}
}

func wantBadConfig(t *testing.T, err error, reason string) {
	t.Helper()
	failure, ok := errors.AsType[*credential.Failure](err)
	if !ok || failure.Code != wire.BadConfig || !strings.Contains(failure.Reason, reason) || failure.Hint == "" {
		t.Errorf("got %#v, want bad-config with %q and a hint", err, reason)
	}
}

func listen(path string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}

func sparse(path string, size int64) error {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	return os.Truncate(path, size)
}

func TestAFileOfExactly16MiBIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := sparse(path, maxFile); err != nil {
		t.Fatal(err)
	}
	var r Reader
	if _, err := r.Read(t.Context(), Files{Config: path}); err != nil {
		t.Error(err)
	}
}

func TestEveryErrorOfTheSystemNamesTheFileOnce(t *testing.T) {
	for errno, want := range map[syscall.Errno]string{
		syscall.EACCES: "/c may not be read",
		syscall.EPERM:  "/c may not be read",
		syscall.EIO:    "/c cannot be read: input/output error",
		syscall.ELOOP:  "/c is a symbolic link that leads back to itself",
	} {
		err := explainOpen("/c", &os.PathError{Op: "open", Path: "/c", Err: errno})
		wantBadConfig(t, err, want)
		if strings.Count(err.Error(), "/c") != 1 {
			t.Errorf("%q", err)
		}
	}
}

func TestARelativePathIsRefused(t *testing.T) {
	var r Reader
	_, err := r.Read(t.Context(), Files{Config: "config"})
	wantBadConfig(t, err, "config is not an absolute path")
}

func TestAFileBelowAFileReadsAsMissing(t *testing.T) {
	var r Reader
	f := write(t, "", "")
	f.Config += "/config"
	if _, err := r.Read(t.Context(), f); err != nil {
		t.Error(err)
	}
}

func TestAPipeInPlaceOfAGoodFileLeavesTheLastGoodConfig(t *testing.T) {
	var r Reader
	f := write(t, "[profile x]\n", "")
	good := mustRead(t, &r, f)
	if err := errors.Join(os.Remove(f.Config), syscall.Mkfifo(f.Config, 0o600)); err != nil {
		t.Fatal(err)
	}
	c, err := r.Read(t.Context(), f)
	wantBadConfig(t, err, "is a named pipe")
	if c != good {
		t.Errorf("got %v", c)
	}
}
