package keychain

import (
	"errors"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain/keyringtest"
)

func TestWhatIsSetIsThereUntilItIsDeleted(t *testing.T) {
	k := start(t, keyringtest.Start(t).Env(), Config{})
	if _, ok, err := k.Get(t.Context(), "session/a"); ok || err != nil {
		t.Fatalf("before: ok %v, err %v; want a miss", ok, err)
	}
	for _, value := range []string{"one", "", "zwei\n\x00\xff", strings.Repeat("long", 20_000)} {
		if err := k.Set(t.Context(), "session/a", credential.NewSecret(value)); err != nil {
			t.Fatal(err)
		}
		got, ok, err := k.Get(t.Context(), "session/a")
		if err != nil || !ok || got.Reveal() != value {
			t.Fatalf("a value of %d bytes: %d bytes, ok %v, err %v", len(value), len(got.Reveal()), ok, err)
		}
	}
	for range 2 { // nothing there is no error
		if err := k.Delete(t.Context(), "session/a"); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := k.Get(t.Context(), "session/a"); ok || err != nil {
			t.Fatalf("after: ok %v, err %v; want a miss", ok, err)
		}
	}
	if s := k.Probe(t.Context()); s != (State{Available: true}) {
		t.Errorf("Probe: %+v", s)
	}
}

func TestWithoutABusOrAServiceItIsAbsentAtOnce(t *testing.T) {
	bus := keyringtest.StartBus(t)
	for name, env := range map[string][]string{
		"no service": bus.Env(),
		"no bus":     append(bus.Env(), "DBUS_SESSION_BUS_ADDRESS=unix:path="+bus.Dir+"/none"),
	} {
		t.Run(name, func(t *testing.T) {
			k := start(t, env, Config{})
			begin := time.Now()
			_, ok, err := k.Get(t.Context(), "session/a")
			if ok || !errors.Is(err, ErrAbsent) {
				t.Errorf("ok %v, err %v; want ErrAbsent", ok, err)
			}
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			if s := k.Probe(t.Context()); s.Available || s.Reason == "" {
				t.Errorf("Probe: %+v", s)
			}
		})
	}
}

func TestALockedKeychainIsToldFromAMissAndFromASickOne(t *testing.T) {
	k := start(t, keyringtest.StartLocked(t).Env(), Config{})
	if s := k.Probe(t.Context()); !s.Available || !s.Locked {
		t.Fatalf("Probe: %+v", s)
	}
	begin := time.Now()
	_, ok, err := k.Get(t.Context(), "session/a")
	t.Logf("after %v: %v", time.Since(begin), err)
	if ok || !errors.Is(err, ErrLocked) {
		t.Fatalf("ok %v, err %v; want ErrLocked", ok, err)
	}
	begin = time.Now()
	if err := k.Set(t.Context(), "session/a", credential.NewSecret("x")); !errors.Is(err, ErrLocked) {
		t.Fatalf("Set: %v; want ErrLocked", err)
	}
	if took := time.Since(begin); took > 100*time.Millisecond {
		t.Errorf("the breaker's answer took %v", took)
	}
}
