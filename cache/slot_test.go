package cache

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"understudy/internal/credential"
	"understudy/internal/keychain"
)

func (s state) String() string {
	return [...]string{"unread", "absent", "writing", "stored", "deleting", "replacing", "newer"}[s]
}

func TestWhatTheStoreHasFollowsFromWhatWasDone(t *testing.T) {
	ses := session("a")
	events := map[string]func(*slot){
		"put":      func(s *slot) { s.put(&ses) },
		"delete":   func(s *slot) { s.delete() },
		"purge":    func(s *slot) { s.purge() },
		"hit":      func(s *slot) { s.loaded(true) },
		"miss":     func(s *slot) { s.loaded(false) },
		"written":  func(s *slot) { s.written(s.session) },
		"deleted":  func(s *slot) { s.deleted() },
		"unusable": func(s *slot) { s.unusable() },
	}
	next := map[state]map[string]state{ // an event that is not listed changes nothing
		unread:    {"put": writing, "delete": deleting, "hit": stored, "miss": absent, "written": stored},
		absent:    {"put": writing, "delete": deleting},
		writing:   {"delete": deleting, "purge": unread, "written": stored},
		stored:    {"put": writing, "delete": deleting, "miss": absent, "unusable": unread},
		deleting:  {"put": replacing, "deleted": absent},
		replacing: {"delete": deleting, "purge": deleting, "written": stored, "deleted": writing},
		newer:     {"delete": deleting},
	}
	for from, wants := range next {
		for name, do := range events {
			s := &slot{state: from}
			if from.writes() {
				s.session = &ses
			}
			do(s)
			want, listed := wants[name]
			if !listed {
				want = from
			}
			if s.state != want || (s.session != nil) != want.writes() {
				t.Errorf("%v, %s: %v with a session %v; want %v", from, name, s.state, s.session != nil, want)
			}
		}
	}
}

func TestASessionThatWasReplacedDuringItsWriteIsWrittenAgain(t *testing.T) {
	older, later := session("older"), session("later")
	s := &slot{state: writing, session: &older}
	s.put(&later)
	s.written(&older)
	if s.state != writing || s.session != &later {
		t.Errorf("%v, the later one waits: %v", s.state, s.session == &later)
	}
}

// newerItem is an item of the session "a" that a later version wrote.
func newerItem(t *testing.T) credential.Secret {
	t.Helper()
	whole, err := encode("a", session("a"))
	if err != nil {
		t.Fatal(err)
	}
	return credential.NewSecret(strings.Replace(whole.Reveal(), `"version":1`, `"version":2`, 1))
}

func TestAnItemOfANewerVersionIsLeftAlone(t *testing.T) {
	store, item, dir := newShop(), newerItem(t), t.TempDir()
	c := open(t, Config{Store: store, Dir: dir}) // what this version left before the newer one came
	c.Update(Record{ID: "a", Profiles: []string{"prod"}})
	c.Put("a", session("older"))
	shut(t, c)
	store.values[storeKey("a")] = item
	c = open(t, Config{Store: store, Dir: dir})
	if _, ok, err := c.Load(t.Context(), "a"); ok || !errors.Is(err, ErrUnusable) || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("ok %v, err %v", ok, err)
	}
	for range 2 { // the session, and its renewal
		c.Put("a", session("new"))
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantsMiss(t, c, "a")
	if !store.values[storeKey("a")].Equal(item) || c.Stored("a") {
		t.Error("the item was overwritten, or is reported as stored")
	}
}

func TestWhatTheUserForgetsIsDeletedAlthoughANewerVersionWroteIt(t *testing.T) {
	store := newShop()
	store.values[storeKey("a")] = newerItem(t)
	c := open(t, Config{Store: store})
	wantsMiss(t, c, "a")
	c.Forget("a")
	if err := c.Flush(t.Context()); err != nil || len(store.values) != 0 {
		t.Errorf("%d items stay: %v", len(store.values), err)
	}
}

func TestAnItemThatWasNeverReadIsCheckedBeforeItIsOverwritten(t *testing.T) {
	for name, indexed := range map[string]bool{"known from the index": true, "not known": false} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			store, item, dir := newShop(), newerItem(t), t.TempDir()
			if indexed {
				c := open(t, Config{Store: store, Dir: dir})
				c.Update(Record{ID: "a", Profiles: []string{"prod"}})
				c.Put("a", session("older"))
				shut(t, c)
			}
			store.values[storeKey("a")] = item
			c := open(t, Config{Store: store, Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
			store.become(keychain.ErrLocked)
			c.Load(context.Background(), "a")
			store.become(nil)
			c.Put("a", session("new"))
			if err := c.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !store.values[storeKey("a")].Equal(item) || c.Stored("a") {
				t.Error("the item was overwritten, or is reported as stored")
			}
			shut(t, c)
			if n := strings.Count(log.String(), "newer version are left alone"); n != 1 {
				t.Errorf("%d lines:\n%s", n, &log)
			}
		})
	}
}
