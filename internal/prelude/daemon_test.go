//go:build linux && (amd64 || arm64)

package prelude

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const fakeReply, fakeStays = "PRELUDE_TEST_REPLY", "PRELUDE_TEST_STAYS"

func TestMain(m *testing.M) {
	if reply, ok := os.LookupEnv(fakeReply); ok {
		if err := fakeDaemon(reply, os.Getenv(fakeStays) != ""); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	callTimeout = unix.Timeval{Sec: 20} // the fake daemon is slow on a busy machine
	os.Exit(m.Run())
}

// daemon answers one request with reply, "" for silence, and tells of it; then
// the connection stays open until the test is over, unless shut. It is a process
// of its own: the prelude keeps a processor of the runtime it is tested in while
// it waits, and what that runtime has to do may not be done before.
func daemon(t *testing.T, reply string, shut bool) (socket string, asked func() string) {
	t.Helper()
	socket = filepath.Join(folder(t), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.SetUnlinkOnClose(false)
	inherited, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	defer inherited.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), fakeReply+"="+reply)
	if !shut {
		cmd.Env = append(cmd.Env, fakeStays+"=1")
	}
	cmd.ExtraFiles = []*os.File{inherited}
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait() // it was killed, mostly
	})
	return socket, func() string {
		line, err := bufio.NewReader(said).ReadString('\n')
		if err != nil {
			t.Errorf("the fake daemon says %q: %v", line, err)
		}
		return line
	}
}

// fakeDaemon is the process: it has the listener as descriptor 3.
func fakeDaemon(reply string, stays bool) error {
	l, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		return err
	}
	if err := l.(*net.UnixListener).SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	c, err := l.Accept()
	if err != nil {
		return err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return err
	}
	if _, err := io.WriteString(c, reply); err != nil {
		return err
	}
	if !stays {
		c.Close()
	}
	fmt.Print(line)
	time.Sleep(time.Minute) // it is killed before
	return nil
}
