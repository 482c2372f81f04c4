//go:build linux || darwin

package launch

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/wire"
)

// The test binary plays the daemon when it is started as one, in the way that
// this variable says, and keeps a record in the socket's folder.
const envFake = "UNDERSTUDY_TEST_FAKE"

func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "daemon":
		fakeDaemon(os.Getenv("UNDERSTUDY_SOCKET"))
		os.Exit(0)
	case os.Getenv(envFake) == "which":
		fmt.Println(daemonBinary())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func fakeDaemon(socket string) {
	record(socket, "starts", strconv.Itoa(os.Getpid()))
	dir, _ := os.Getwd()
	session, _ := unix.Getsid(0)
	record(socket, "life", strings.Join(append(os.Args[1:], "in", dir, "leads", strconv.FormatBool(session == os.Getpid())), " "))
	record(socket, "environ", strings.Join(os.Environ(), "\n"))
	switch os.Getenv(envFake) {
	case "refuse":
		fmt.Fprintln(os.Stderr, "understudy: config:3: unknown key \"stroe\"\nhint: the keys are store, prompt")
		os.Exit(1)
	case "hang":
		time.Sleep(30 * time.Second)
		os.Exit(0)
	case "noise":
		fmt.Fprintln(os.Stderr, "init internal/godebug @0.10 ms")
	}
	<-time.After(30 * time.Millisecond) // what a start takes
	l, err := net.Listen("unix", socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Stderr.Close()
	time.AfterFunc(30*time.Second, func() { os.Exit(0) }) // should the test die
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		c.Read(make([]byte, 4096))
		c.Write(wire.AppendResult(nil, fmt.Appendf(nil, `{"pid":%d}`, os.Getpid())))
		c.Close()
	}
}

// record appends a line to a file beside the socket.
func record(socket, name, text string) {
	f, err := os.OpenFile(filepath.Join(filepath.Dir(socket), name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text + "\n")
		f.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// stage is a place for a socket, with the fake daemon on PATH.
type stage struct {
	t    *testing.T
	path string // the socket's
}

// newStage sets the fake's way, and ends every fake when the test is over.
func newStage(t *testing.T, fake string) *stage {
	t.Helper()
	dir, err := os.MkdirTemp("", "launch") // t.TempDir's names are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{t, filepath.Join(dir, "socket")}
	t.Cleanup(func() {
		for _, pid := range st.recorded("starts") {
			n, err := strconv.Atoi(pid)
			if err != nil {
				continue
			}
			syscall.Kill(n, syscall.SIGKILL) // a child of ours, not yet reaped
			syscall.Wait4(n, nil, 0, nil)
		}
		os.RemoveAll(dir)
	})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, binaryName)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	t.Setenv("UNDERSTUDY_SOCKET", st.path)
	t.Setenv(envFake, fake)
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	return st
}

// recorded returns the lines of a file that the fakes wrote.
func (st *stage) recorded(name string) []string {
	b, err := os.ReadFile(filepath.Join(filepath.Dir(st.path), name))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

func (st *stage) launcher() Launcher { return Launcher{Dialer: wire.Dialer{Path: st.path}} }
