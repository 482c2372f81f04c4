//go:build linux || darwin

package socket

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func TestADaemonFindsOutThatItsSocketIsGoneOrAnothers(t *testing.T) {
	for name, replace := range map[string]func(path string) error{
		"deleted": os.Remove,
		"a file":  func(path string) error { return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)) },
		"a file, renamed over": func(path string) error {
			return errors.Join(os.WriteFile(path+".new", nil, 0o600), os.Rename(path+".new", path))
		},
		"a link":   func(path string) error { return errors.Join(os.Remove(path), os.Symlink("lock", path)) },
		"a folder": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
		"another listener": func(path string) error {
			err := os.Remove(path)
			l, lerr := net.Listen("unix", path)
			if lerr == nil {
				l.(*net.UnixListener).SetUnlinkOnClose(false)
				l.Close()
			}
			return errors.Join(err, lerr)
		},
		"moved":              func(path string) error { return os.Rename(path, path+".old") },
		"its folder deleted": func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
		"its folder moved":   func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") },
	} {
		t.Run(name, func(t *testing.T) {
			path := socketPath(t, 0o700)
			t.Cleanup(func() { os.RemoveAll(filepath.Dir(path) + ".old") })
			s := listen(t, path)
			lost := make(chan error, 1)
			ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
			defer cancel()
			go func() { lost <- s.Lost(ctx) }()
			// What helpers do beside it is none of its business.
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), "start"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-lost:
				t.Fatalf("lost before it was: %v", err)
			case <-time.After(30 * time.Millisecond):
			}
			if err := replace(path); err != nil {
				t.Fatal(err)
			}
			if err := <-lost; err != nil {
				t.Errorf("not found out: %v", err)
			}
			found, _ := os.Lstat(path)
			s.Close()
			if left, err := os.Lstat(path); found != nil && (err != nil || !os.SameFile(found, left)) {
				t.Errorf("Close removed what was not its own: %v", err)
			}
		})
	}
}

func TestADaemonFindsOutThatAFolderFurtherUpWasMoved(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	up := filepath.Dir(socketPath(t, 0o700))
	dir := filepath.Join(up, "run", "user", "understudy")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := listen(t, filepath.Join(dir, "socket"))
	lost := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
	defer cancel()
	go func() { lost <- s.Lost(ctx) }()
	// What others do further up is none of its business.
	if err := os.WriteFile(filepath.Join(up, "run", "others"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-lost:
		t.Fatalf("lost before it was: %v", err)
	case <-time.After(30 * time.Millisecond):
	}
	if err := os.Rename(filepath.Join(up, "run"), filepath.Join(up, "gone")); err != nil {
		t.Fatal(err)
	}
	if err := <-lost; err != nil {
		t.Errorf("not found out: %v", err)
	}
}

func TestAClosedSocketIsNoLostOne(t *testing.T) {
	s := listen(t, socketPath(t, 0o700))
	lost := make(chan error, 1)
	go func() { lost <- s.Lost(t.Context()) }()
	s.Close()
	if err := <-lost; !errors.Is(err, net.ErrClosed) {
		t.Errorf("says %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := listen(t, socketPath(t, 0o700)).Lost(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("says %v", err)
	}
}

func TestAcceptSaysThatTheSocketWasClosed(t *testing.T) {
	s, err := Listen(socketPath(t, 0o700), nil)
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error)
	go func() {
		for range 2 { // one that waits, most likely, and one that does not
			_, _, err := s.Accept()
			accepted <- err
		}
	}()
	leave(s)
	for range 2 {
		if err := <-accepted; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}
}

// The next socket may have the inode that was the first one's.
func TestASecondCloseLeavesTheNextDaemonsSocket(t *testing.T) {
	path := socketPath(t, 0o700)
	for range 5 {
		first := listen(t, path)
		leave(first)
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("its own is left: %v", err)
		}
		second := listen(t, path)
		first.inode = second.inode // the worst case, whatever the file system
		if err := first.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("says %v", err)
		}
		if !second.ours() {
			t.Fatal("the second daemon's is gone")
		}
		leave(second)
	}
}
