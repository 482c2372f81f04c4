//go:build linux || darwin

package socket

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/place"
	"understudy/internal/wire"
)

// envRole makes the test binary play another process at the path in its first
// argument.
const envRole = "UNDERSTUDY_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(envRole) {
	case "daemon":
		if _, err := Listen(os.Args[1], nil); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("listening")
		select {} // until it is killed
	case "caller":
		fmt.Println(call(os.Args[1]))
		os.Exit(0)
	}
	os.Unsetenv("UNDERSTUDY_SOCKET")
	os.Exit(m.Run())
}

// call connects, sends a request, and describes the result.
func call(path string) string {
	c, err := net.Dial("unix", path)
	if err != nil {
		return "not connected: " + err.Error()
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	c.Write(wire.Request{Op: wire.Status}.Append(nil))
	got, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "not closed"
	}
	return fmt.Sprintf("%d bytes", len(got))
}

// actAs starts this binary in a role; uid 0 means the user of the test.
func actAs(t *testing.T, role, path string, uid uint32) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", path) // its own folder may be shut to others
	if _, err := os.Stat(cmd.Path); err != nil {
		cmd.Path = os.Args[0]
	}
	cmd.Env = append(os.Environ(), envRole+"="+role, "GORACE=atexit_sleep_ms=0")
	if uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, out
}

// socketPath returns a path in a folder of its own with that mode. Its name is
// shorter than t.TempDir's, which a socket's path has no room for.
func socketPath(t *testing.T, mode os.FileMode) (path string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "listen")
	if err == nil {
		err = os.Chmod(dir, mode)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "socket")
}

func listen(t *testing.T, path string) *Socket {
	t.Helper()
	s, err := Listen(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leave(s) })
	return s
}

// leave does what happens when the process ends.
func leave(s *Socket) {
	s.Close()
	s.unlock()
}

func TestTheSocketIsShutToOthersFromItsFirstInstant(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		before := unix.Umask(umask)
		for range 30 {
			path := socketPath(t, 0o700)
			done, watched := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(watched)
				for {
					entries, _ := os.ReadDir(filepath.Dir(path))
					for _, e := range entries {
						if st, err := e.Info(); err == nil && st.Mode().Type() == os.ModeSocket && st.Mode().Perm() != 0o600 {
							t.Errorf("umask %03o: %s was seen with mode %v", umask, e.Name(), st.Mode())
							return
						}
					}
					select {
					case <-done:
						return
					default:
					}
				}
			}()
			s := listen(t, path)
			close(done)
			<-watched
			if st, err := os.Lstat(path); err != nil || st.Mode() != os.ModeSocket|0o600 {
				t.Errorf("umask %03o: mode %v, %v", umask, st.Mode(), err)
			}
			leave(s)
		}
		if after := unix.Umask(before); after != umask {
			t.Errorf("umask %03o became %03o", umask, after)
		}
	}
}

func TestOfManyDaemonsAtOnceOneWins(t *testing.T) {
	path := socketPath(t, 0o700)
	for race := range 20 {
		var all sync.WaitGroup
		start := make(chan struct{})
		results := make(chan error, 20)
		winner := make(chan *Socket, 20)
		for range 20 {
			all.Go(func() {
				<-start
				s, err := Listen(path, nil)
				if results <- err; err == nil {
					winner <- s
				}
			})
		}
		close(start)
		all.Wait()
		close(results)
		for err := range results {
			if err != nil && !errors.Is(err, ErrRunning) {
				t.Errorf("race %d: %v", race, err)
			}
		}
		if n := len(winner); n != 1 {
			t.Fatalf("race %d: %d winners", race, n)
		}
		s := <-winner
		if race%2 == 0 { // the next finds a stale socket
			s.accepts.close()
		}
		leave(s)
	}
}

func TestAKilledDaemonIsReplacedWithin50ms(t *testing.T) {
	path := socketPath(t, 0o700)
	for range 3 {
		cmd, out := actAs(t, "daemon", path, 0)
		if n, err := out.Read(make([]byte, 64)); n == 0 {
			t.Fatal(err)
		}
		if _, err := Listen(path, nil); !errors.Is(err, ErrRunning) {
			t.Fatalf("beside a daemon that lives: %v", err)
		}
		cmd.Process.Kill()
		cmd.Wait()
		begun := time.Now()
		s := listen(t, path)
		if d := time.Since(begun); d > 50*time.Millisecond {
			t.Errorf("it took %v", d)
		}
		if c, err := (wire.Dialer{Path: path}).Dial(time.Second); err != nil {
			t.Error(err)
		} else {
			c.Close()
		}
		leave(s)
	}
}

func TestADeletedLockFileLetsNoSecondDaemonIn(t *testing.T) {
	path := socketPath(t, 0o700)
	first := listen(t, path)
	for range 2 {
		if err := os.Remove(filepath.Join(filepath.Dir(path), "lock")); err != nil {
			t.Fatal(err)
		}
		if _, err := Listen(path, nil); !errors.Is(err, ErrRunning) {
			t.Errorf("says %v", err)
		}
	}
	if !first.ours() {
		t.Error("the first daemon's socket is gone")
	}
}

func TestTheNextDaemonWaitsForTheOneThatLeaves(t *testing.T) {
	path := socketPath(t, 0o700)
	first := listen(t, path)
	first.Close() // it still lets its last answers out
	came := make(chan error, 1)
	go func() {
		s, err := Listen(path, nil)
		if err == nil {
			leave(s)
		}
		came <- err
	}()
	select {
	case err := <-came:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	first.unlock()
	if err := <-came; err != nil {
		t.Error(err)
	}
}

func TestWhatStandsInTheSocketsPlace(t *testing.T) {
	for name, c := range map[string]struct {
		put     func(path string) error
		refused string
	}{
		"a file":        {func(path string) error { return os.WriteFile(path, nil, 0o600) }, ""},
		"a link":        {func(path string) error { return os.Symlink("lock", path) }, ""},
		"a folder":      {func(path string) error { return os.Mkdir(path, 0o700) }, "is a folder; move it away"},
		"our own first": {func(path string) error { return os.WriteFile(fmt.Sprintf("%s.%d", path, os.Getpid()), nil, 0) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := socketPath(t, 0o700)
			if err := c.put(path); err != nil {
				t.Fatal(err)
			}
			s, err := Listen(path, nil)
			if err == nil {
				defer leave(s)
			}
			if (err == nil) != (c.refused == "") || err != nil && !strings.Contains(err.Error(), c.refused) {
				t.Errorf("says %v, want %q", err, c.refused)
			}
		})
	}
}

func TestSocketsOfDaemonsKilledWhileTheyBoundAreSwept(t *testing.T) {
	path := socketPath(t, 0o700)
	for _, name := range []string{path + ".1234567", path + ".x", path + ".12.bak"} {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		l.Close()
	}
	if err := os.WriteFile(path+".99", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	listen(t, path)
	entries, _ := os.ReadDir(filepath.Dir(path))
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if got := strings.Join(left, " "); got != "lock socket socket.12.bak socket.99 socket.x" {
		t.Errorf("left are %s", got)
	}
}

func TestAConnectionOfAnotherUserGetsNoAnswerUnderAnyMode(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can start a process of another user")
	}
	path := socketPath(t, 0o755)
	t.Setenv("UNDERSTUDY_SOCKET", path) // so that the folder may stay open
	var log bytes.Buffer
	s, err := Listen(path, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan wire.Peer, 8)
	go func() {
		defer close(accepted)
		for {
			c, peer, err := s.Accept()
			if err != nil {
				return
			}
			c.Close()
			accepted <- peer
		}
	}()
	for mode, want := range map[os.FileMode]string{0o600: "not connected", 0o666: "0 bytes", 0o777: "0 bytes"} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, out := actAs(t, "caller", path, 65534)
		if got, err := io.ReadAll(out); err != nil || !strings.HasPrefix(string(got), want) {
			t.Errorf("mode %03o: %q, %v; want %s", mode, got, err, want)
		}
	}
	call(path) // this user's
	leave(s)
	var got []wire.Peer
	for peer := range accepted {
		got = append(got, peer)
	}
	if len(got) != 1 || got[0] != (wire.Peer{UID: 0, PID: os.Getpid()}) {
		t.Errorf("accepted were %+v", got)
	}
	if n := strings.Count(log.String(), "uid=65534"); n != 2 {
		t.Errorf("logged %d times: %s", n, log.String())
	}
}

func TestTheFolderIsShutOrRefused(t *testing.T) {
	for name, c := range map[string]struct {
		mode, after os.FileMode
		chosen      bool // by UNDERSTUDY_SOCKET
		refused     bool
	}{
		"default, its own":           {0o700, 0o700, false, false},
		"default, seen by all":       {0o755, 0o700, false, false},
		"default, written by all":    {0o777, 0o700, false, false},
		"chosen, seen by all":        {0o755, 0o755, true, false},
		"chosen, written by all":     {0o777, 0o777, true, true},
		"chosen, written by a group": {0o770, 0o770, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			path := socketPath(t, c.mode)
			if c.chosen {
				t.Setenv("UNDERSTUDY_SOCKET", path)
			}
			s, err := Listen(path, nil)
			if err == nil {
				leave(s)
			}
			if c.refused != errors.Is(err, place.ErrForeign) || !c.refused && err != nil {
				t.Errorf("says %v", err)
			}
			if st, err := os.Stat(filepath.Dir(path)); err != nil || st.Mode().Perm() != c.after {
				t.Errorf("its mode is %v, %v; want %v", st.Mode().Perm(), err, c.after)
			}
		})
	}
}
