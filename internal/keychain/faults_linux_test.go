package keychain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain/keyringtest"
)

const marked = "AKIAIOSFODNN7EXAMPLE-marked-secret"

func set(t *testing.T, k *Keychain, key, value string) {
	t.Helper()
	if err := k.Set(t.Context(), key, credential.NewSecret(value)); err != nil {
		t.Fatal(err)
	}
}

func wants(t *testing.T, k *Keychain, key, value string) {
	t.Helper()
	got, ok, err := k.Get(t.Context(), key)
	if err != nil || !ok || got.Reveal() != value {
		t.Errorf("Get %s: the value %v, ok %v, err %v", key, got.Reveal() == value, ok, err)
	}
}

func TestABusOrAKeyringThatRestartsWorksAtTheNextCall(t *testing.T) {
	ring := keyringtest.Start(t)
	k := start(t, ring.Env(), Config{})
	set(t, k, "a", "one")
	ring.StartService(true)
	wants(t, k, "a", "one")
	ring.KillService()
	ring.Restart() // of the bus
	if _, _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrAbsent) {
		t.Errorf("without a service: %v; want ErrAbsent", err)
	}
	ring.StartService(true)
	wants(t, k, "a", "one")
	set(t, k, "a", "two")
	wants(t, k, "a", "two")
}

func TestAServiceThatHangsCostsOneDeadlineThenNothing(t *testing.T) {
	ring := keyringtest.Start(t)
	k := start(t, ring.Env(), Config{Breaker: time.Second})
	set(t, k, "a", "one")
	k.config.CallDeadline = 500 * time.Millisecond // from here on: the start of a worker is not what is tested
	ring.PauseService()
	begin := time.Now()
	if _, _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v; want ErrTimeout", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("the first call took %v", took)
	}
	begin = time.Now()
	for range 100 {
		if _, _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrTimeout) {
			t.Fatalf("the breaker says %v; want its cause", err)
		}
	}
	if took := time.Since(begin); took > 200*time.Millisecond {
		t.Errorf("100 calls of an open breaker took %v", took)
	}
	if k.running() {
		t.Error("the worker that hung is still there")
	}
	ring.ResumeService()
	eventually(t, func() bool {
		_, ok, err := k.Get(t.Context(), "a")
		return ok && err == nil
	})
}

func TestABusThatHangsCostsOneDeadlineToo(t *testing.T) {
	ring := keyringtest.Start(t)
	k := start(t, ring.Env(), Config{CallDeadline: 500 * time.Millisecond, Breaker: time.Second})
	ring.Pause()
	defer ring.Resume()
	begin := time.Now()
	if _, _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v; want ErrTimeout", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestNobodyAnswersOnePromptForAThousandCallers(t *testing.T) {
	fake := keyringtest.StartFake(t, keyringtest.Mood{Locked: true})
	k := start(t, fake.Env(), Config{CallDeadline: time.Second, UnlockDeadline: 2 * time.Second, Breaker: 300 * time.Millisecond})
	begin := time.Now()
	for time.Since(begin) < 3500*time.Millisecond { // over prompt, breaker and what follows
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				begin := time.Now()
				if _, ok, err := k.Get(t.Context(), "a"); ok || !errors.Is(err, ErrLocked) {
					t.Errorf("ok %v, err %v; want ErrLocked", ok, err)
				}
				if took := time.Since(begin); took > 2*time.Second {
					t.Errorf("a caller waited %v", took)
				}
			})
		}
		wg.Wait()
	}
	if n := fake.Prompts(); n != 1 {
		t.Errorf("%d prompts; want 1", n)
	}
	fake.Become(keyringtest.Mood{}) // unlocked elsewhere
	eventually(t, func() bool {
		_, ok, err := k.Get(t.Context(), "a")
		return !ok && err == nil
	})
	fake.Become(keyringtest.Mood{Locked: true, Prompt: keyringtest.Unlocked})
	if _, ok, err := k.Get(t.Context(), "a"); ok || err != nil {
		t.Errorf("locked anew and unlocked by a person: ok %v, err %v; want a miss", ok, err)
	}
	if n := fake.Prompts(); n != 2 {
		t.Errorf("%d prompts; want 2", n)
	}
}

func TestAPersonMayTakeLongerThanACaller(t *testing.T) {
	fake := keyringtest.StartFake(t, keyringtest.Mood{})
	k := start(t, fake.Env(), Config{})
	set(t, k, "a", "one")
	k.config.CallDeadline = 300 * time.Millisecond // from here on: the start of a worker is not what is tested
	fake.Become(keyringtest.Mood{Locked: true, Prompt: keyringtest.Unlocked, After: 700 * time.Millisecond})
	if _, _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrLocked) {
		t.Errorf("the first caller: %v; want ErrLocked", err)
	}
	begin := time.Now()
	if s := k.Probe(t.Context()); !s.Available || !s.Locked {
		t.Errorf("Probe: %+v", s)
	}
	if took := time.Since(begin); took > 100*time.Millisecond {
		t.Errorf("after the prompt's first moments a caller waited %v", took)
	}
	eventually(t, func() bool {
		got, ok, err := k.Get(t.Context(), "a")
		return err == nil && ok && got.Reveal() == "one"
	})
}

func TestTheBusDiesUnderAPrompt(t *testing.T) {
	for what, mood := range map[string]keyringtest.Mood{
		"of the unlocking":  {Locked: true},
		"within a write":    {AskToWrite: true}, // here the library dereferences nil
		"within each write": {AskToWrite: true, AskToRead: true},
	} {
		t.Run(what, func(t *testing.T) {
			fake := keyringtest.StartFake(t, mood)
			k := start(t, fake.Env(), Config{Breaker: time.Nanosecond})
			for range 20 {
				shown := fake.Shown()
				got := make(chan error, 1)
				go func() { got <- k.Set(context.Background(), "a", credential.NewSecret(marked)) }()
				select {
				case <-shown:
				case err := <-got:
					t.Fatalf("no prompt: %v", err)
				}
				fake.Kill()
				if err := <-got; err == nil || errors.Is(err, ErrTimeout) {
					t.Fatalf("it says %v", err)
				}
				fake.Restart()
				fake.Serve()
			}
			fake.Become(keyringtest.Mood{})
			set(t, k, "a", "one")
			wants(t, k, "a", "one")
		})
	}
}

func TestWhatWasNotKeptIsFoundOut(t *testing.T) {
	for what, mood := range map[string]keyringtest.Mood{
		"a write that is lost":                 {LoseWrites: true},
		"a prompt that was dismissed":          {AskToWrite: true, Prompt: keyringtest.Dismissed},
		"a prompt that says it was answered":   {AskToWrite: true, Prompt: keyringtest.Lied},
		"another value comes back":             {Garble: true},
		"it refuses and quotes what was to be": {Refuse: "org.example." + "Error.No"},
	} {
		t.Run(what, func(t *testing.T) {
			var log bytes.Buffer
			fake := keyringtest.StartFake(t, keyringtest.Mood{})
			k := start(t, fake.Env(), Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
			set(t, k, "a", "old")
			fake.Become(mood)
			err := k.Set(t.Context(), "a", credential.NewSecret(marked))
			if err == nil || mood.Refuse == "" && !errors.Is(err, ErrLost) {
				t.Errorf("Set: %v; want ErrLost", err)
			}
			if text := fmt.Sprint(err, &log); strings.Contains(text, marked) {
				t.Errorf("it shows the secret: %s", text)
			}
			if mood.Garble {
				if _, ok, err := k.Get(t.Context(), "a"); ok || !errors.Is(err, ErrTorn) {
					t.Errorf("Get: ok %v, err %v; want ErrTorn", ok, err)
				}
				return
			}
			fake.Become(keyringtest.Mood{})
			wants(t, k, "a", "old")
		})
	}
}

func TestAnUnlockThatIsALieIsNotAskedForAgain(t *testing.T) {
	fake := keyringtest.StartFake(t, keyringtest.Mood{Locked: true, Prompt: keyringtest.Lied})
	k := start(t, fake.Env(), Config{Breaker: time.Nanosecond})
	for range 5 {
		if _, _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrLocked) {
			t.Errorf("%v; want ErrLocked", err)
		}
	}
	if n := fake.Prompts(); n != 1 {
		t.Errorf("%d prompts; want 1", n)
	}
}

// eventually waits for what another process brings about.
func eventually(t *testing.T, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !happened(); {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
