package cache

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

func TestADamagedItemIsDeletedWithTheSession(t *testing.T) {
	store := newShop()
	store.values[storeKey("a")] = credential.NewSecret("{damaged, and with a secret: made-up-key}")
	c := open(t, Config{Store: store, Dir: t.TempDir()})
	c.Update(Record{ID: "a", Profiles: []string{"p"}})
	wantsMiss(t, c, "a")
	c.Forget("a")
	if err := c.Flush(t.Context()); err != nil || len(store.values) != 0 {
		t.Errorf("%d items stay: %v", len(store.values), err)
	}
}

func TestASessionThatReplacesAForgottenItemOfANewerVersionIsStored(t *testing.T) {
	store := newShop()
	store.values[storeKey("a")] = newerItem(t)
	store.become(keychain.ErrLocked)
	c := open(t, Config{Store: store})
	c.Forget("a")
	c.Put("a", session("a"))
	store.become(nil)
	if err := c.Flush(t.Context()); err != nil || !c.Stored("a") {
		t.Errorf("stored %v: %v", c.Stored("a"), err)
	}
}

func TestADeletionThatIsPendingOutlastsADaemonWithoutAStore(t *testing.T) {
	store, dir, c := keptThenSick(t)
	c.Forget("a")
	shut(t, c)
	c = open(t, Config{Dir: dir}) // store = memory
	c.Update(Record{ID: "a", Profiles: []string{"prod"}})
	c.Forget("a")
	shut(t, c)
	store.become(nil)
	wantsMiss(t, open(t, Config{Store: store, Dir: dir}), "a")
}

// slowSet is a shop whose first Set waits until it is let through.
type slowSet struct {
	*shop
	inside, pass chan struct{}
	once         sync.Once
}

func (s *slowSet) Set(ctx context.Context, key string, v credential.Secret) error {
	s.once.Do(func() { close(s.inside); <-s.pass })
	return s.shop.Set(ctx, key, v)
}

func TestASessionThatIsPurgedDuringItsWriteIsStored(t *testing.T) {
	store := &slowSet{shop: newShop(), inside: make(chan struct{}), pass: make(chan struct{})}
	c := open(t, Config{Store: store})
	c.Put("a", session("a"))
	<-store.inside
	c.Purge()
	close(store.pass)
	if err := c.Flush(t.Context()); err != nil || !c.Stored("a") {
		t.Errorf("stored %v: %v", c.Stored("a"), err)
	}
}

func TestTheIndexNamesASessionAgainBeforeTheStoreHasItAgain(t *testing.T) {
	store := &crier{newShop(), t.TempDir(), nil}
	c := open(t, Config{Store: store, Dir: store.dir})
	for i := range 3 {
		c.Update(Record{ID: "a", Profiles: []string{"a"}})
		c.Put("a", session("a"))
		if err := c.writes.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows := store.named[len(store.named)-1]
		if !slices.ContainsFunc(rows, func(r row) bool { return r.ID == "a" && r.Profiles != nil }) {
			t.Errorf("time %d: the index named %+v", i, rows)
		}
		c.Forget("a")
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNothingIsKeptOfWhatWasForgotten(t *testing.T) {
	c := open(t, Config{Store: newShop(), Dir: t.TempDir()})
	for i := range 100 {
		id := fmt.Sprint(i)
		c.Update(Record{ID: id, Profiles: []string{id}})
		c.Put(id, session(id))
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		c.Forget(fmt.Sprint(i))
	}
	if err := c.Flush(t.Context()); err != nil || len(c.slots)+len(c.order)+len(c.named) != 0 {
		t.Errorf("%d slots, %d pending, %d names stay: %v", len(c.slots), len(c.order), len(c.named), err)
	}
}

func TestASessionThatExpiresInTheQueueSaysNothingOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShop()
		store.become(keychain.ErrAbsent)
		c := open(t, Config{Store: store})
		for i := range 5 {
			c.Put(fmt.Sprint(i), session("x"))
			time.Sleep(2 * time.Hour)
			synctest.Wait()
			c.mu.Lock()
			logged := c.noStore
			c.mu.Unlock()
			if !logged {
				t.Error("the missing store will be logged again")
			}
		}
		store.become(nil)
	})
}
