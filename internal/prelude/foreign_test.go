//go:build linux && (amd64 || arm64)

package prelude

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"understudy/internal/wire"
)

// The foreign daemon is this test binary, run as another user.
func TestAnotherUsersDaemonIsNotAskedAnything(t *testing.T) {
	if socket := os.Getenv("PRELUDE_TEST_DAEMON"); socket != "" {
		foreignDaemon(socket)
	}
	if os.Getuid() != 0 {
		t.Skip("only root can be two users")
	}
	dir := folder(t)
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "daemon")
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(program, "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "PRELUDE_TEST_DAEMON="+socket)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	out := bufio.NewReader(said)
	if line, err := out.ReadString('\n'); line != "listens\n" {
		t.Fatalf("the other user's daemon says %q, %v", line, err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if made, whole, printed := call(t, socket); whole || printed != "" || made.fd != 0 {
		t.Errorf("%v, printed %q, connection %d", whole, printed, made.fd)
	}
	if line, _ := out.ReadString('\n'); line != "got 0 bytes\n" {
		t.Errorf("the other %s", line)
	}
}

// foreignDaemon listens as another user, answers as a daemon does, and says what
// it was asked.
func foreignDaemon(socket string) {
	l, err := net.Listen("unix", socket)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Chmod(socket, 0o777)
	fmt.Println("listens")
	c, err := l.Accept()
	if err != nil {
		os.Exit(1)
	}
	go c.Write([]byte(wire.OpenCredentials + session + wire.CloseLine))
	n, _ := c.Read(make([]byte, 4096))
	fmt.Printf("got %d bytes\n", n)
	os.Exit(0)
}
