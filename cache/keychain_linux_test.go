package cache

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/keychain/keyringtest"
)

// counted is a keychain whose calls are counted.
type counted struct {
	*keychain.Keychain
	mu   sync.Mutex
	gets int
}

func (c *counted) Get(ctx context.Context, key string) (credential.Secret, bool, error) {
	c.mu.Lock()
	c.gets++
	c.mu.Unlock()
	return c.Keychain.Get(ctx, key)
}

func real(t *testing.T, env []string) *counted {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	k := keychain.New(keychain.Config{
		Command:      []string{exe},
		Env:          append(env, asWorker+"=1"),
		CallDeadline: 20 * time.Second, // a machine under load is not what is tested
		Breaker:      100 * time.Millisecond,
	})
	t.Cleanup(k.Close)
	return &counted{Keychain: k}
}

func TestOverARealKeyringARestartServesTheSameSession(t *testing.T) {
	ring := keyringtest.Start(t)
	dir := t.TempDir()
	a := session("a")
	a.SessionToken = credential.NewSecret(strings.Repeat("made-up-token/", 1200)) // 16 KiB
	first := open(t, Config{Store: real(t, ring.Env()), Dir: dir})
	first.Put("a", a)
	first.Update(Record{ID: "a"})
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	ring.StartService(true) // the keyring's own disk, not its memory

	store := real(t, ring.Env())
	second := open(t, Config{Store: store, Dir: dir})
	wants(t, second, "a", a)
	second.Forget("a")
	if err := second.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := store.Get(t.Context(), storeKey("a")); ok || err != nil {
		t.Errorf("forgotten: ok %v, err %v", ok, err)
	}
}

func TestLockedAtTheStartMemoryServesAndItIsWrittenWhenItOpens(t *testing.T) {
	ring := keyringtest.StartLocked(t)
	c := open(t, Config{Store: real(t, ring.Env())})
	if _, ok, err := c.Load(t.Context(), "a"); ok || err == nil {
		t.Fatalf("ok %v, err %v; want it locked", ok, err)
	}
	a := session("a")
	c.Put("a", a)
	wants(t, c, "a", a)
	if c.Flush(t.Context()) == nil || c.Stored("a") {
		t.Error("said to be stored in a locked keyring")
	}
	ring.StartService(true)
	for deadline := time.Now().Add(10 * time.Second); c.Flush(t.Context()) != nil; { // the breaker first
		if time.Now().After(deadline) {
			t.Fatal("not written after it was opened")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !c.Stored("a") {
		t.Error("written and not said to be stored")
	}
}
