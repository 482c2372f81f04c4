//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"understudy/internal/keychain/keyringtest"
)

// fromMemory asserts that the world serves, and says where it keeps what.
func (s *stand) fromMemory() {
	s.t.Helper()
	first := s.served(s.Helper("actor"))
	if s.served(s.Helper("actor")).Raw != first.Raw {
		s.t.Error("the second answer is another session")
	}
	d := s.status().Daemon
	if d.Store != "memory" || d.StoreReason == "" {
		s.t.Errorf("status says store %q, reason %q; want memory and a reason", d.Store, d.StoreReason)
	}
	if n := s.STS.Count("AssumeRole"); n != 1 {
		s.t.Errorf("%d AssumeRole, want 1", n)
	}
}

func TestABusWithoutASecretServiceIsServedFromMemory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Vars["UNDERSTUDY_STORE"] = "auto"
	w.Vars["DBUS_SESSION_BUS_ADDRESS"] = keyringtest.StartBus(t).Address
	newStand(t, w).fromMemory()
}

func TestWithoutABusItIsServedFromMemoryAndNoneIsStarted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Vars["UNDERSTUDY_STORE"] = "auto"
	w.Vars["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + filepath.Join(w.Dir, "no-bus")
	// go-keyring would start one with this program.
	started := filepath.Join(w.Dir, "dbus-launched")
	fake := filepath.Join(w.Dir, "path", "dbus-launch")
	if err := os.Mkdir(filepath.Dir(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fake, []byte("#!/bin/sh\n: >"+started+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.Vars["PATH"] = filepath.Dir(fake) + ":" + w.Vars["PATH"]
	newStand(t, w).fromMemory()
	if _, err := os.Stat(started); err == nil {
		t.Error("dbus-launch was run")
	}
}

func TestWhatXDGRuntimeDirSaysChangesNothing(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	first := s.served(s.Helper("actor"))
	pid := s.PID()
	s.Vars["XDG_RUNTIME_DIR"] = filepath.Join(s.Dir, "nowhere")
	if s.served(s.Helper("actor")).Raw != first.Raw {
		t.Error("another XDG_RUNTIME_DIR finds another daemon")
	}
	s.alive(pid)
}

// An ordinary user's number that no machine gives to anybody.
const nobodyInParticular = 54321

// asOrdinaryUser hands the world over to a user without powers: nothing is
// refused to root, so a test run by root would prove nothing.
func (w *world) asOrdinaryUser() {
	w.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	err := filepath.WalkDir(w.Dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, nobodyInParticular, nobodyInParticular)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.as(&syscall.Credential{Uid: nobodyInParticular, Gid: nobodyInParticular})
}

func TestAHomeThatCannotBeWrittenToIsServedFromMemory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Vars["UNDERSTUDY_STORE"] = "auto"
	w.Vars["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + filepath.Join(w.Dir, "no-bus")
	s := newStand(t, w)
	s.asOrdinaryUser()
	for _, dir := range []string{".aws", "."} {
		if err := os.Chmod(filepath.Join(s.Home, dir), 0o500); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(s.Home, 0o700); os.Chmod(filepath.Join(s.Home, ".aws"), 0o700) })

	s.fromMemory()
	entries, err := os.ReadDir(s.Home)
	if err != nil || len(entries) != 1 {
		t.Errorf("the home folder holds %v, %v", entries, err)
	}
}

// apart makes every program of the world run as cron would run it: without a
// single variable, so that the home folder is the password database's. The
// database is this world's own, bound over the machine's in a mount namespace.
func (w *world) apart() {
	w.t.Helper()
	passwd := filepath.Join(w.Dir, "passwd")
	if err := os.WriteFile(passwd, fmt.Appendf(nil, "root:x:0:0::%s:/bin/sh\n", w.Home), 0o644); err != nil {
		w.t.Fatal(err)
	}
	unshare := []string{"unshare", "--mount"}
	if os.Getuid() != 0 {
		unshare = append(unshare, "--user", "--map-root-user")
	}
	script := fmt.Sprintf("mount --bind %s /etc/passwd && if [ -d /run/user ]; then mount -t tmpfs none /run/user; fi && exec env -i \"$@\"", passwd)
	w.Before = append(unshare, "sh", "-ec", script, "sh")
	if out, err := exec.Command(w.Before[0], append(w.Before[1:], "true")...).CombinedOutput(); err != nil {
		skip(w.t, "no namespace to put a password database into: %v: %s", err, strings.TrimSpace(string(out)))
	}
	w.Socket = filepath.Join(w.Home, ".local/state/understudy/run/socket")
}

func TestAnEmptyEnvironmentIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	s := newStand(t, w)
	s.fromMemory()
	if s.PID() == 0 {
		t.Errorf("no daemon listens at %s", s.Socket)
	}
}

// Whatever the umask of whoever starts it, what it writes is its user's alone.
func TestWhateverTheUmaskNobodyElseReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t).withKeyring())
	loose := func(argv ...string) outcome {
		return s.Run(append([]string{"sh", "-c", `umask 0; exec "$@"`, "sh"}, argv...)...)
	}
	if err := os.Remove(filepath.Dir(s.Socket)); err != nil {
		t.Fatal(err)
	}
	s.Write(".aws/config", "[profile base]\nregion = us-east-1\nendpoint_url = "+s.URL+"\n"+s.role("actor", standRole, s.URL)+
		"[profile plain]\nrole_arn = "+standRole+"\nsource_profile = base\n")
	s.served(loose(helperPath(), "actor"))
	s.eventuallyStored(patience)
	for _, args := range []string{"trust " + filepath.Join(s.Home, ".aws/config"), "adopt plain --yes", "keys import base --yes", "daemon stop"} {
		if o := loose(append([]string{filepath.Join(bin, "understudy")}, strings.Fields(args)...)...); o.Status != 0 {
			t.Errorf("%v", o)
		}
	}
	seen := 0
	if err := filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == s.Dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		seen++
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", strings.TrimPrefix(path, s.Dir), info.Mode())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files and folders", seen)
}
