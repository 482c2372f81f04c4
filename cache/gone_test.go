package cache

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

// keptThenSick is a store that has a session under "a", a state folder whose
// index says so, and a cache over both whose store has just fallen sick.
func keptThenSick(t *testing.T) (*shop, string, *broker) {
	t.Helper()
	store, dir := newShop(), t.TempDir()
	first := open(t, Config{Store: store, Dir: dir})
	first.Put("a", session("a"))
	first.Update(Record{ID: "a", Profiles: []string{"prod"}})
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := open(t, Config{Store: store, Dir: dir})
	wants(t, second, "a", mustDecode(t, store.values[storeKey("a")]))
	store.become(keychain.ErrTimeout)
	return store, dir, second
}

// crier is a store that records what the index on disk names when a session is set.
type crier struct {
	*shop
	dir   string
	named [][]row
}

func (c *crier) Set(ctx context.Context, key string, v credential.Secret) error {
	x := newIndex(c.dir, slog.New(slog.DiscardHandler), nil)
	c.mu.Lock()
	c.named = append(c.named, x.read())
	c.mu.Unlock()
	return c.shop.Set(ctx, key, v)
}

// If the daemon is killed at any time, a later "forget everything" still finds all
// sessions in the store.
func TestTheIndexNamesASessionBeforeTheStoreHasIt(t *testing.T) {
	store := &crier{newShop(), t.TempDir(), nil}
	c := open(t, Config{Store: store, Dir: store.dir})
	for _, id := range []string{"a", "b"} { // the second comes within the index's gap
		c.Update(Record{ID: id, Profiles: []string{id}})
		c.Put(id, session(id))
		if err := c.writes.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows := store.named[len(store.named)-1]
		if !slices.ContainsFunc(rows, func(r row) bool { return r.ID == id && r.Profiles != nil }) {
			t.Errorf("the store was given %q, and the index named %+v", id, rows)
		}
	}
}

func TestASickDiskKeepsNoSessionOutOfTheStore(t *testing.T) {
	store, dir := newShop(), t.TempDir()
	c := open(t, Config{Store: store, Dir: dir})
	if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	c.Update(Record{ID: "a", Profiles: []string{"prod"}})
	c.Put("a", session("a"))
	if err := c.writes.Flush(t.Context()); err != nil || !c.Stored("a") {
		t.Errorf("it is not stored: %v", err)
	}
	if err := os.Remove(dir); err != nil { // for the end of the test
		t.Fatal(err)
	}
}

func TestWhatWasRemovedWhileTheStoreWasSickStaysGoneAfterARestart(t *testing.T) {
	for name, remove := range map[string]func(*testing.T, *broker){
		"forgotten": func(t *testing.T, c *broker) {
			c.Forget("a")
			if err := c.Flush(t.Context()); !errors.Is(err, keychain.ErrTimeout) {
				t.Errorf("Flush: %v", err)
			}
		},
		"denied": func(_ *testing.T, c *broker) {
			c.Forget("a")
			c.Update(Record{ID: "a", Profiles: []string{"prod"}, LastError: &LastError{Code: "denied"}})
		},
		"replaced, and the new one dropped": func(_ *testing.T, c *broker) {
			c.Forget("a")
			c.Put("a", session("new"))
			c.Purge()
			wantsMiss(t, c, "a")
		},
		"replaced, and the new one never kept": func(_ *testing.T, c *broker) {
			c.Forget("a")
			c.Put("a", session("new"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, dir, c := keptThenSick(t)
			remove(t, c)
			shut(t, c) // the store is sick to the end

			for range 2 { // the next start finds it sick too
				c = open(t, Config{Store: store, Dir: dir})
				wantsMiss(t, c, "a")
				for _, r := range c.Records() {
					if r.Stored {
						t.Error("the record says that it is stored")
					}
				}
				shut(t, c)
			}

			store.become(nil)
			c = open(t, Config{Store: store, Dir: dir})
			wantsMiss(t, c, "a")
			if err := c.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(store.values) != 0 {
				t.Error("the item was not removed")
			}
			wantsMiss(t, c, "a")
			if rows := newIndex(dir, c.log, nil).read(); len(rows) > 0 && rows[0].Gone {
				t.Error("the index still says that it is to go")
			}
		})
	}
}

func TestACrashRightAfterARemovalDoesNotBringTheSessionBack(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store := newShop()
		c := open(t, Config{Store: store, Dir: dir})
		c.Put("a", session("a"))
		c.Update(Record{ID: "a", Profiles: []string{"prod"}})
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		store.become(keychain.ErrLocked)
		c.Forget("a")
		time.Sleep(time.Millisecond) // much less than what lies between two writes
		synctest.Wait()
		rows := newIndex(dir, c.log, nil).read()
		if len(rows) != 1 || !rows[0].Gone {
			t.Errorf("the index holds %+v", rows)
		}
	})
}

func TestASessionPutAfterARemovalIsServedAfterARestart(t *testing.T) {
	store, dir, c := keptThenSick(t)
	c.Forget("a")
	newer := session("newer")
	c.Put("a", newer)
	wants(t, c, "a", newer)
	store.become(nil)
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	c = open(t, Config{Store: store, Dir: dir})
	wants(t, c, "a", newer)
}

func TestWithoutAStoreARemovalIsStillRemembered(t *testing.T) {
	store, dir, c := keptThenSick(t)
	c.Forget("a")
	shut(t, c)
	c = open(t, Config{Dir: dir})
	c.Put("b", session("b"))
	c.Update(Record{ID: "b", Profiles: []string{"dev"}})
	if len(c.Records()) != 1 {
		t.Errorf("records: %+v", c.Records())
	}
	shut(t, c)
	store.become(nil)
	wantsMiss(t, open(t, Config{Store: store, Dir: dir}), "a")
}

func TestAnExpiredSessionStillRemovesWhatItWasToReplace(t *testing.T) {
	store, _, c := keptThenSick(t)
	c.Forget("a")
	dead := session("dead")
	dead.Expiration, dead.Lifetime = dead.Issued.Wall.Add(-time.Hour), 0
	c.Put("a", dead)
	store.become(nil)
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(store.values) != 0 {
		t.Error("the item stays")
	}
}

// gate is a shop whose next Set waits until it is let through.
type gate struct {
	*shop
	inside, pass chan struct{}
}

func (g *gate) Set(ctx context.Context, key string, v credential.Secret) error {
	g.inside <- struct{}{}
	<-g.pass
	return g.shop.Set(ctx, key, v)
}

func TestPurgeInTheMiddleOfAWriteStillRemovesWhatItWasToReplace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &gate{newShop(), make(chan struct{}), make(chan struct{})}
		store.become(keychain.ErrTimeout)
		c := open(t, Config{Store: store})
		c.Forget("a")
		synctest.Wait() // its first try is over
		c.Put("a", session("new"))
		store.become(nil)
		<-store.inside // being written
		c.Purge()
		close(store.pass)
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(store.values) != 0 || len(c.order) != 0 {
			t.Errorf("an hour later %d items stay, %d are pending", len(store.values), len(c.order))
		}
	})
}

// A session that was fetched again right after it was forgotten survives a crash.
func TestWhatWasPutBackSurvivesACrashAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, dir := newShop(), t.TempDir()
		c := open(t, Config{Store: store, Dir: dir})
		c.Put("a", session("a"))
		c.Update(Record{ID: "a", Profiles: []string{"prod"}})
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Forget("a")
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Put("a", session("new"))
		c.Update(Record{ID: "a", Profiles: []string{"prod"}})
		synctest.Wait() // no time passes: the crash comes right after the write
		again := open(t, Config{Store: store, Dir: dir})
		wants(t, again, "a", mustDecode(t, store.values[storeKey("a")]))
		shut(t, again)
		shut(t, c)
	})
}
