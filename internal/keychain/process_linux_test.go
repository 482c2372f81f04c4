package keychain

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain/keyringtest"
)

func TestAWorkerKilledAtAnyStepLeavesTheOldValueOrTheNew(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute; make unit runs it")
	}
	ring := keyringtest.Start(t)
	small := asWorker + "=120" // bytes an item: values become many
	whole := start(t, ring.Env(), Config{}, small)
	old, fresh := strings.Repeat("o", 400), strings.Repeat("n", 300)
	killed := 0
	for n := range 24 {
		key := fmt.Sprint("k", n)
		set(t, whole, key, "first")
		set(t, whole, key, old)
		// The kill strikes the second worker too, which is started for one retry.
		mortal := start(t, ring.Env(), Config{}, small, fmt.Sprint(killAt, "=", n))
		err := mortal.Set(t.Context(), key, credential.NewSecret(fresh))
		if errors.Is(err, errWorker) {
			killed++
		} else if err != nil {
			t.Fatal(err)
		}
		got, ok, readErr := whole.Get(t.Context(), key)
		if v := got.Reveal(); readErr != nil || !ok || v != old && v != fresh || err == nil && v != fresh {
			t.Errorf("killed at %d: %d bytes, ok %v, err %v", n, len(v), ok, readErr)
		}
	}
	if killed < 10 {
		t.Errorf("only %d of 24 were killed", killed)
	}
}

func TestABusIsNeverStarted(t *testing.T) {
	dir := t.TempDir()
	trace := filepath.Join(dir, "launched")
	script := "#!/bin/sh\n: > " + trace + "\n"
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "autolaunch:", "autolaunch:scope=*", "unixexec:path=" + dir + "/dbus-launch", "unix:path=/nowhere;autolaunch:"} {
		if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil && !strings.Contains(address, ":path") {
			continue // a person's own bus would be found; it is none of the test's
		}
		k := start(t, []string{"PATH=" + dir, "HOME=" + dir, "DBUS_SESSION_BUS_ADDRESS=" + address}, Config{})
		begin := time.Now()
		if _, ok, err := k.Get(t.Context(), "a"); ok || !errors.Is(err, ErrAbsent) {
			t.Errorf("%q: ok %v, err %v; want ErrAbsent", address, ok, err)
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("%q took %v", address, took)
		}
	}
	if _, err := os.Stat(trace); err == nil {
		t.Error("dbus-launch was run")
	}
}

func TestAnIdleDaemonHoldsNoWorkerAndGetsOneWhenNeeded(t *testing.T) {
	k := start(t, keyringtest.Start(t).Env(), Config{IdleExit: 50 * time.Millisecond})
	set(t, k, "a", "one")
	eventually(t, func() bool { return !k.running() })
	wants(t, k, "a", "one")
}

func TestNoSecretIsInTheWorkersArgumentsOrEnvironment(t *testing.T) {
	k := start(t, keyringtest.Start(t).Env(), Config{})
	set(t, k, "a", marked)
	pid := k.worker.cmd.Process.Pid
	for _, file := range []string{"cmdline", "environ"} {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: %d bytes, %v", file, len(b), err)
		}
		if strings.Contains(string(b), marked) {
			t.Errorf("it is in %s", file)
		}
	}
}
