//go:build linux || darwin

package wire

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// envRole makes the test binary play another process.
const envRole = "UNDERSTUDY_TEST_ROLE"

func TestMain(m *testing.M) {
	if os.Getenv(envRole) == "listen" {
		listenOnThree()
	}
	os.Unsetenv("UNDERSTUDY_SOCKET")
	os.Exit(m.Run())
}

// listenOnThree listens on descriptor 3, a bound socket, and lives until its
// standard input ends.
func listenOnThree() {
	if err := unix.Listen(3, 8); err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString("listening\n")
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// folder is a folder that place.CheckDir takes, and a socket's path in it. It is not
// below t.TempDir, whose long names a socket's path has no room for.
func folder(t *testing.T) (path string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "wire")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "socket")
}

// serve listens at a new path and gives the first connection to f.
func serve(t *testing.T, f func(*net.UnixConn)) (path string) {
	t.Helper()
	path = folder(t)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c, err := l.AcceptUnix(); err == nil {
			defer c.Close()
			f(c)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return path
}

// takeRequest reads one line.
func takeRequest(c net.Conn) string {
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	var got []byte
	for b := make([]byte, 1); len(got) == 0 || got[len(got)-1] != '\n'; {
		if _, err := c.Read(b); err != nil {
			return ""
		}
		got = append(got, b[0])
	}
	return string(got)
}

// dialed connects to path and closes the connection when the test ends.
func dialed(t *testing.T, d Dialer) *Conn {
	t.Helper()
	c, err := d.Dial(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// within fails the test unless it began between least and most ago.
func within(t *testing.T, begun time.Time, least, most time.Duration) {
	t.Helper()
	if d := time.Since(begun); d < least || d > most {
		t.Errorf("it took %v, want %v to %v", d, least, most)
	}
}

// nobody is a user that is not this one.
const nobody = 65534

// listenAsNobody has a process of another user listen at path. The folder may
// be shut to it: the socket is bound here.
func listenAsNobody(t *testing.T, path string) {
	t.Helper()
	if os.Getuid() != 0 || runtime.GOOS != "linux" {
		t.Skip("only root can start a process of another user, and only Linux has /proc/self/exe")
	}
	fd, err := socket()
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe") // its own folder is shut to others
	cmd.Env = append(os.Environ(), envRole+"=listen", "GORACE=atexit_sleep_ms=0")
	cmd.ExtraFiles = []*os.File{f}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	if n, err := out.Read(make([]byte, 16)); n == 0 {
		t.Fatalf("the other user's process does not listen: %v", err)
	}
}
