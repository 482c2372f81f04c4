//go:build linux

package keyringtest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Bus is a session bus without services to activate.
type Bus struct {
	Dir     string // the test's own; HOME and everything below
	Address string

	t      T
	as     *syscall.Credential // of its processes; nil: this one's
	daemon *exec.Cmd
}

// StartBus starts a bus that ends with the test.
func StartBus(t T) *Bus { return StartBusAs(t, nil) }

// StartBusAs is StartBus for another user, which takes root.
func StartBusAs(t T, as *syscall.Credential) *Bus {
	t.Helper()
	need(t, "dbus-daemon")
	b := &Bus{Dir: shortDir(t), t: t, as: as}
	b.give(b.Dir)
	b.Address = "unix:path=" + filepath.Join(b.Dir, "bus")
	t.Cleanup(b.Kill)
	b.Restart()
	return b
}

// Restart starts the bus again, at the same address.
func (b *Bus) Restart() {
	b.t.Helper()
	b.Kill()
	config := filepath.Join(b.Dir, "bus.conf")
	b.write(config, fmt.Sprintf(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`, b.Address))
	cmd := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--nosyslog", "--print-address")
	b.dress(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.daemon = cmd
	// It prints its address when it listens.
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		b.t.Fatalf("dbus-daemon: %v", err)
	}
}

// Kill ends the bus as a crash would.
func (b *Bus) Kill() {
	end(b.daemon)
	b.daemon = nil
	_ = os.Remove(filepath.Join(b.Dir, "bus"))
}

// Pause stops the bus (SIGSTOP), Resume lets it go on.
func (b *Bus) Pause()  { _ = b.daemon.Process.Signal(syscall.SIGSTOP) }
func (b *Bus) Resume() { _ = b.daemon.Process.Signal(syscall.SIGCONT) }

// Env is the environment of a process that is to find this bus and nothing of
// the person who runs the test: no display, no home.
func (b *Bus) Env() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + b.Dir,
		"XDG_RUNTIME_DIR=" + b.Dir,
		"XDG_DATA_HOME=" + filepath.Join(b.Dir, "data"),
		"XDG_CONFIG_HOME=" + filepath.Join(b.Dir, "config"),
		"XDG_CACHE_HOME=" + filepath.Join(b.Dir, "cache"),
		"DBUS_SESSION_BUS_ADDRESS=" + b.Address,
		"LC_ALL=C",
		"GORACE=atexit_sleep_ms=0", // a worker under the race detector would take its second to leave
	}
}

// dress makes cmd one of this bus's user.
func (b *Bus) dress(cmd *exec.Cmd) {
	cmd.Env = b.Env()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: b.as}
}

// give hands a file or a folder of ours to the bus's user.
func (b *Bus) give(path string) {
	b.t.Helper()
	if b.as == nil {
		return
	}
	if err := os.Chown(path, int(b.as.Uid), int(b.as.Gid)); err != nil {
		b.t.Fatal(err)
	}
}

func end(cmd *exec.Cmd) {
	if cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// shortDir is a test's folder whose path fits into a socket's address.
func shortDir(t T) string {
	t.Helper()
	if dir := t.TempDir(); len(dir) < 80 {
		return dir
	}
	dir, err := os.MkdirTemp("", "keyring")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// need skips the test where a program is not installed, in one line; with
// CI=true it is an error, since nothing would be tested.
func need(t T, programs ...string) {
	t.Helper()
	var missing []string
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			missing = append(missing, p)
		}
	}
	switch {
	case missing == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("not installed: %s", strings.Join(missing, ", "))
	default:
		t.Skipf("not installed: %s", strings.Join(missing, ", "))
	}
}

func (b *Bus) write(path, text string) {
	b.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.give(path)
}
