package prompt

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"understudy/internal/keychain/keyringtest"
	"understudy/internal/sessionbus"
)

// board is a desktop's place for notifications.
type board chan string

func (b board) Notify(app string, _ uint32, _, title, text string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	b <- app + ": " + title + ": " + text
	return 1, nil
}

func TestANotificationIsShownByTheDesktop(t *testing.T) {
	bus := keyringtest.StartBus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	if err := Notify(t.Context(), "understudy", "nobody is there"); !errors.Is(err, errNoDialog) {
		t.Errorf("no place for it: %v", err)
	}
	conn, err := dbus.Connect(bus.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	shown := make(board, 1)
	if err := conn.Export(shown, notifyPath, notifyName); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(notifyName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	if err := Notify(t.Context(), "MFA session", "ends in 20 minutes"); err != nil {
		t.Fatal(err)
	}
	if got := <-shown; got != "understudy: MFA session: ends in 20 minutes" {
		t.Errorf("%q", got)
	}
	bus.Pause()
	defer bus.Resume()
	begin := time.Now()
	if err := Notify(t.Context(), "a bus", "that hangs"); !errors.Is(err, errNoDialog) {
		t.Errorf("a bus that hangs: %v", err)
	}
	if took := time.Since(begin); took > notifyLimit+5*time.Second {
		t.Errorf("a bus that hangs took %v", took)
	}
}

func TestNoBusIsStartedToShowSomething(t *testing.T) {
	dir := t.TempDir()
	trace := filepath.Join(dir, "started")
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte("#!/bin/sh\ntouch "+trace+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	for _, address := range []string{"unix:path=" + dir + "/none", "autolaunch:", ""} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if got := busEnv(); got[0] == "DBUS_SESSION_BUS_ADDRESS=" || got[0] == "DBUS_SESSION_BUS_ADDRESS=autolaunch:" {
			t.Errorf("%q: a dialog gets %q", address, got)
		}
		if _, err := sessionbus.Address("", sessionbus.Runtime()); err == nil && !strings.HasPrefix(address, "unix:") {
			continue // the bus of whoever runs the test would be found
		}
		if err := Notify(t.Context(), "nobody", "there"); !errors.Is(err, errNoDialog) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := os.Stat(trace); err == nil {
		t.Error("dbus-launch was run")
	}
}
