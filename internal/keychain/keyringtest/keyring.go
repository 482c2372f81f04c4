//go:build linux

package keyringtest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// password opens the login keyring of a test.
const password = "made-up-password"

// Where gnome-keyring and its login keyring are on the bus.
const (
	service = "org.freedesktop.secrets"
	login   = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
)

// Keyring is gnome-keyring on a bus of its own.
type Keyring struct {
	*Bus
	service *exec.Cmd
}

// Start starts a bus and an unlocked gnome-keyring; both end with the test.
func Start(t T) *Keyring { return StartAs(t, nil) }

// StartAs is Start for another user, which takes root.
func StartAs(t T, as *syscall.Credential) *Keyring {
	t.Helper()
	need(t, "gnome-keyring-daemon", "dbus-daemon")
	k := &Keyring{Bus: StartBusAs(t, as)}
	t.Cleanup(k.KillService)
	k.StartService(true)
	return k
}

// StartLocked is Start with a login keyring that is there but locked, on a bus
// where there is nobody to show a prompt.
func StartLocked(t T) *Keyring {
	t.Helper()
	k := Start(t)
	k.KillService()
	k.StartService(false)
	return k
}

// StartInMemory is Start with a keyring that is kept in no file: gnome-keyring
// writes a file anew with each item, which for thousands takes long. It does not
// outlive its service.
func StartInMemory(t T) *Keyring {
	t.Helper()
	k := Start(t)
	conn, err := dbus.Connect(k.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// Who keeps something uses the login collection, and the default one where
	// there is none.
	if err := conn.Object(service, login).Call("org.freedesktop.Secret.Collection.Delete", 0).Err; err != nil {
		t.Fatal(err)
	}
	if k.answers() {
		t.Fatal("the login keyring does not go")
	}
	const inMemory = dbus.ObjectPath("/org/freedesktop/secrets/collection/session")
	if err := conn.Object(service, "/org/freedesktop/secrets").Call("org.freedesktop.Secret.Service.SetAlias", 0, "default", inMemory).Err; err != nil {
		t.Fatal(err)
	}
	return k
}

// StartService starts gnome-keyring again, with what it has kept. Under load it
// aborts now and then while it starts, over a request that came early: then it is
// started once more.
func (k *Keyring) StartService(unlocked bool) {
	k.t.Helper()
	for range 3 {
		k.KillService()
		said := k.start(unlocked)
		switch err := k.await(); {
		case err == nil:
			return
		case !errors.Is(err, errAborted):
			k.KillService()
			k.t.Fatalf("gnome-keyring: %v: %s", err, said)
		}
	}
	k.t.Fatal("gnome-keyring aborts each time it is started")
}

// start starts gnome-keyring and returns what it prints.
func (k *Keyring) start(unlocked bool) *bytes.Buffer {
	k.t.Helper()
	args := []string{"--foreground", "--components=secrets", "--control-directory=" + k.Dir + "/control"}
	if unlocked {
		args = append(args, "--unlock")
	}
	if err := os.MkdirAll(k.Dir+"/control", 0o700); err != nil {
		k.t.Fatal(err)
	}
	k.give(k.Dir + "/control")
	cmd := exec.Command("gnome-keyring-daemon", args...)
	k.dress(cmd)
	var said bytes.Buffer
	cmd.Stderr = &said
	if unlocked {
		cmd.Stdin = strings.NewReader(password)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.service = cmd
	return &said
}

var (
	errAborted  = errors.New("it ended")
	errNoAnswer = errors.New("it does not answer")
)

// await returns when the service answers, with its login collection if there is one.
func (k *Keyring) await() error {
	k.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		var state unix.Siginfo
		switch err := unix.Waitid(unix.P_PID, k.service.Process.Pid, &state, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); {
		case k.answers():
			return nil
		case err == nil && state.Signo != 0:
			return errAborted
		case time.Now().After(deadline):
			return errNoAnswer
		}
		time.Sleep(5 * time.Millisecond) // between two tries, not in place of one
	}
}

func (k *Keyring) answers() bool {
	conn, err := dbus.Connect(k.Address)
	if err != nil {
		return false
	}
	defer conn.Close()
	var locked bool
	return conn.Object(service, login).StoreProperty("org.freedesktop.Secret.Collection.Locked", &locked) == nil
}

// KillService ends gnome-keyring as a crash would; the bus stays.
func (k *Keyring) KillService() {
	end(k.service)
	k.service = nil
}

// PauseService stops gnome-keyring (SIGSTOP), so that it hangs; ResumeService
// lets it go on.
func (k *Keyring) PauseService()  { _ = k.service.Process.Signal(syscall.SIGSTOP) }
func (k *Keyring) ResumeService() { _ = k.service.Process.Signal(syscall.SIGCONT) }
