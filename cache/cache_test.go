package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// shop is a Store in memory that can be made to fail.
type shop struct {
	mu     sync.Mutex
	values map[string]credential.Secret
	sick   error
	slow   time.Duration
	gets   int
	sets   int
	inside int
	crowd  bool // two calls were inside at once
}

func newShop() *shop { return &shop{values: map[string]credential.Secret{}} }

func (s *shop) enter(n *int) error {
	s.mu.Lock()
	*n++
	s.inside++
	s.crowd = s.crowd || s.inside > 1
	slow, sick := s.slow, s.sick
	s.mu.Unlock()
	time.Sleep(slow)
	s.mu.Lock()
	s.inside--
	s.mu.Unlock()
	return sick
}

func (s *shop) Get(_ context.Context, key string) (credential.Secret, bool, error) {
	if err := s.enter(&s.gets); err != nil {
		return credential.Secret{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[key]
	return v, ok, nil
}

func (s *shop) Set(_ context.Context, key string, v credential.Secret) error {
	if err := s.enter(&s.sets); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = v
	return nil
}

func (s *shop) Delete(_ context.Context, key string) error {
	if err := s.enter(&s.sets); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, key)
	return nil
}

func (s *shop) become(sick error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sick = sick
}

func (s *shop) counts() (gets, sets int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gets, s.sets
}

func session(name string) credential.Session {
	now := credential.Now()
	return credential.Session{
		AccessKeyID:     "ASIAIOSFODNN7EXAMPLE",
		SecretAccessKey: credential.NewSecret("made-up-key-of-" + name),
		SessionToken:    credential.NewSecret("made-up-token-of-" + name),
		Expiration:      now.Wall.Add(time.Hour).UTC().Truncate(time.Second),
		AccountID:       "123456789012",
		Lifetime:        time.Hour,
		Issued:          now,
	}
}

func same(a, b credential.Session) bool {
	return a.AccessKeyID == b.AccessKeyID && a.SecretAccessKey.Equal(b.SecretAccessKey) &&
		a.SessionToken.Equal(b.SessionToken) && a.Expiration.Equal(b.Expiration) && a.AccountID == b.AccountID &&
		a.Lifetime == b.Lifetime && a.Issued.Wall.Equal(b.Issued.Wall) && a.Issued.Boot == b.Issued.Boot && a.Issued.ID == b.Issued.ID
}

// shut closes the cache; writes that still fail are lost.
func shut(t *testing.T, c *broker) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = c.Close(ctx)
}

func wants(t *testing.T, c *broker, id string, want credential.Session) {
	t.Helper()
	got, ok, err := c.Load(context.Background(), id)
	if err != nil || !ok || !same(got, want) {
		t.Errorf("Load %s: ok %v, err %v, the same %v", id, ok, err, same(got, want))
	}
}

func wantsMiss(t *testing.T, c *broker, id string) {
	t.Helper()
	if _, ok, err := c.Load(context.Background(), id); ok || err != nil && !errors.Is(err, ErrUnusable) {
		t.Errorf("Load %s: ok %v, err %v; want a miss", id, ok, err)
	}
}

func TestARestartServesTheSameSessions(t *testing.T) {
	store := newShop()
	dir := t.TempDir()
	first := open(t, Config{Store: store, Dir: dir})
	a := session("a")
	first.Put("a", a)
	first.Update(Record{ID: "a", Profiles: []string{"prod"}, Uses: 3, Query: credential.Query{Profile: "prod"}})
	wants(t, first, "a", a)
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	second := open(t, Config{Store: store, Dir: dir})
	records := second.Records()
	if len(records) != 1 || records[0].Uses != 3 || records[0].Query.Profile != "prod" || !records[0].Stored {
		t.Errorf("records: %+v", records)
	}
	wants(t, second, "a", a)
	if !second.Stored("a") {
		t.Error("what was read from the store is not said to be stored")
	}
}

func TestWithoutAStoreNothingIsKept(t *testing.T) {
	c := open(t, Config{})
	c.Put("a", session("a"))
	wantsMiss(t, c, "a")
	if c.Stored("a") {
		t.Error("stored nowhere and reported as stored")
	}
	c.Forget("a")
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestASessionIsHeldUntilItIsWrittenAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShop()
		store.slow = time.Second
		c := open(t, Config{Store: store})
		a := session("a")
		c.Put("a", a)
		wants(t, c, "a", a) // from memory: the store has nothing yet
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := c.slots["a"]; s.session != nil || s.state != stored {
			t.Errorf("after it was written: %+v", s)
		}
		gets, _ := store.counts()
		wants(t, c, "a", a)
		if again, _ := store.counts(); again != gets+1 {
			t.Errorf("read %d times from the store, want once", again-gets)
		}
	})
}

func TestOfManyPutsTheLastIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShop()
		store.slow = time.Second
		c := open(t, Config{Store: store})
		for range 100 {
			c.Put("a", session("old"))
		}
		last := session("last")
		c.Put("a", last)
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, sets := store.counts(); sets > 2 {
			t.Errorf("%d writes", sets)
		}
		if store.crowd {
			t.Error("two writes at once")
		}
		wants(t, c, "a", last)
	})
}

func TestWhileTheStoreIsSickMemoryServesAndTheWriteIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		store := newShop()
		store.become(keychain.ErrLocked)
		c := open(t, Config{Store: store, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if _, ok, err := c.Load(t.Context(), "a"); ok || !errors.Is(err, keychain.ErrLocked) {
			t.Errorf("Load: ok %v, err %v; want ErrLocked", ok, err)
		}
		a := session("a")
		c.Put("a", a)
		c.Put("b", session("b"))
		time.Sleep(10 * time.Minute)
		wants(t, c, "a", a)
		if c.Stored("a") {
			t.Error("said to be stored")
		}
		if _, sets := store.counts(); sets > 40 {
			t.Errorf("%d tries in ten minutes", sets)
		}
		store.become(nil)
		time.Sleep(30 * time.Second)
		if !c.Stored("a") || !c.Stored("b") {
			t.Error("not stored 30 s after the store was well again")
		}
		shut(t, c)
		if n := strings.Count(log.String(), "behind"); n != 1 {
			t.Errorf("%d lines about it:\n%s", n, &log)
		}
	})
}

func TestAMachineWithoutAKeychainIsToldOfOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		store := newShop()
		store.become(fmt.Errorf("%w: there is no D-Bus session", keychain.ErrAbsent))
		c := open(t, Config{Store: store, Log: slog.New(slog.NewTextHandler(&log, nil))})
		for _, id := range []string{"a", "b", "c"} {
			wantsMiss(t, c, id)
			c.Put(id, session(id))
			time.Sleep(20 * time.Minute)
		}
		c.Forget("b")
		if n := strings.Count(log.String(), "\n"); n != 1 {
			t.Errorf("%d lines:\n%s", n, &log)
		}
		store.become(nil)
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !c.Stored("c") {
			t.Error("not stored where there is a keychain after all")
		}
		store.become(keychain.ErrTimeout)
		c.Forget("c")
		synctest.Wait()
		store.become(keychain.ErrAbsent) // gone once more: that is news
		time.Sleep(time.Minute)
		synctest.Wait()
		if strings.Contains(log.String(), "up to date again") {
			t.Errorf("said to be well while it is not:\n%s", &log)
		}
		shut(t, c)
		if n := strings.Count(log.String(), "memory only"); n != 2 || !strings.Contains(log.String(), "no D-Bus session") {
			t.Errorf("%d lines:\n%s", n, &log)
		}
	})
}

func TestNothingRunsWhenNothingIsPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShop()
		c := open(t, Config{Store: store, Dir: t.TempDir()})
		c.Put("a", session("a"))
		c.Update(Record{ID: "a"})
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		gets, sets := store.counts()
		time.Sleep(24 * time.Hour)
		if g, s := store.counts(); g != gets || s != sets {
			t.Error("the store is called while nothing changes")
		}
	})
}

func TestAForgottenSessionDoesNotComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShop()
		store.slow = time.Second
		c := open(t, Config{Store: store})
		c.Put("a", session("a"))
		time.Sleep(time.Millisecond) // its write is under way
		c.Forget("a")
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantsMiss(t, c, "a")
		if len(store.values) != 0 || len(c.Records()) != 0 {
			t.Errorf("%d items, %d records stay", len(store.values), len(c.Records()))
		}

		store.become(keychain.ErrTimeout)
		store.values[storeKey("b")], _ = encode("b", session("b"))
		c.Forget("b")
		if err := c.Flush(t.Context()); !errors.Is(err, keychain.ErrTimeout) {
			t.Errorf("Flush with a sick store: %v", err)
		}
		c.Put("b", session("b"))
		c.Purge() // takes the new one out of the queue, not the removal
		store.become(nil)
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(store.values) != 0 {
			t.Error("the removal was not tried again")
		}
	})
}

func TestPurgeLeavesNoSecretInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShop()
		c := open(t, Config{Store: store})
		a := session("a")
		c.Put("a", a)
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Purge()
		store.slow = time.Second
		var wg sync.WaitGroup
		wg.Go(func() { wants(t, c, "a", a) }) // asked before the purge: answered, not kept
		time.Sleep(time.Millisecond)
		store.become(keychain.ErrLocked)
		c.Put("b", session("b"))
		c.Purge()
		wg.Wait()
		synctest.Wait()
		if s := c.slots["a"]; s == nil || s.session != nil || s.state != stored {
			t.Errorf("a: %+v", s)
		}
		if s := c.slots["b"]; s != nil && s.session != nil {
			t.Errorf("b: %+v", s)
		}
	})
}

func TestARelativeStateFolderIsRefused(t *testing.T) {
	if _, err := Open(Config{Dir: "state"}); err == nil {
		t.Error("opened in the working folder")
	}
}
