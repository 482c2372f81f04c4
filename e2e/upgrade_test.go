//go:build linux

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"understudy/internal/keychain"
)

// indexPath is the index of sessions, below the home folder.
const indexPath = ".local/state/understudy/sessions.json"

// ending is how a daemon ends before another version starts.
type ending struct {
	name string
	end  func(*stand, release)
	uses int // of the three, what the index knows at least
}

var endings = []ending{
	{"stopped", func(s *stand, r release) { s.does(r, "daemon", "stop") }, 3},
	{"killed", func(s *stand, _ release) {
		s.eventually("the index says that the fetched session is stored", patience, func() bool {
			index := s.Read(indexPath)
			return strings.Contains(index, `"fetches":1`) && strings.Contains(index, `"stored":true`)
		})
		s.Kill()
	}, 2}, // uses alone are written once a minute
}

func TestASessionOfTheVersionBeforeIsServedAfterTheUpgrade(t *testing.T) {
	t.Parallel()
	before, now := needBaseline(t), current(t)
	for _, e := range endings {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			newKeyringStand(t).handsOver(before, now, e)
		})
	}
}

func TestASessionIsServedAfterADowngradeToTheVersionBefore(t *testing.T) {
	t.Parallel()
	before, now := needBaseline(t), current(t)
	for _, e := range endings {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			newKeyringStand(t).handsOver(now, before, e)
		})
	}
}

func newKeyringStand(t *testing.T) *stand {
	t.Helper()
	return newStand(t, newWorld(t).withKeyring())
}

// handsOver asserts that the session that one release fetched is served by the
// other, once the first one's daemon has ended in this way.
func (s *stand) handsOver(from, to release, e ending) {
	s.t.Helper()
	first := s.serves(from)
	s.serves(from)
	s.eventuallyStored(patience)
	s.runs(from)
	s.fetched(1)
	before := s.only()
	if before.Uses != 2 || before.Fetches != 1 || !slices.Equal(before.Profiles, []string{"actor"}) {
		s.t.Fatalf("status before: %+v", before)
	}
	e.end(s, from)

	if k := s.serves(to); k.Keys != first.Keys {
		s.t.Errorf("access key %s until %s before, %s until %s after", first.AccessKeyID, first.Expiration, k.AccessKeyID, k.Expiration)
	}
	s.runs(to)
	after := s.only()
	if after.Uses < e.uses || after.Uses > 3 || after.Fetches != 1 ||
		!slices.Equal(after.Profiles, before.Profiles) || after.RoleARN != before.RoleARN ||
		!after.ExpiresAt.Equal(before.ExpiresAt) || after.State != "ready" || !after.Stored {
		s.t.Errorf("status before: %+v\nstatus after:  %+v", before, after)
	}
	s.does(to, "daemon", "restart")
	if k := s.serves(to); k.Keys != first.Keys {
		s.t.Error("a restart after that serves another session")
	}
	s.fetched(1)
}

// items is the world's keychain, read and written as the daemon does.
func (w *world) items() *keychain.Keychain {
	k := keychain.New(keychain.Config{Command: []string{filepath.Join(bin, "understudy"), "keychain-worker"}, Env: w.Env()})
	w.t.Cleanup(k.Close)
	return k
}

// item returns the raw value of the keychain item, "" if there is none.
func (w *world) item(k *keychain.Keychain, key string) string {
	w.t.Helper()
	v, _, err := k.Get(w.t.Context(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	return v.Reveal()
}

// A session is forgotten while the keychain does not answer, so the item stays in
// the keychain, and the index marks it for deletion.
func TestASessionThatTheVersionBeforeForgotIsNotServedAfterTheUpgrade(t *testing.T) {
	t.Parallel()
	before, s := needBaseline(t), newKeyringStand(t)
	first := s.serves(before)
	s.eventuallyStored(patience)
	key := "session/" + s.sessionID()

	s.keyring.KillService()
	o := s.Run(before.understudy(), "forget", "actor")
	if o.Status != 6 {
		t.Fatalf("want status 6, since the keychain does not answer: %v", o)
	}
	s.Kill()
	if index := s.Read(indexPath); !strings.Contains(index, `"gone":true`) {
		t.Fatalf("the index does not mark the session for deletion: %s", index)
	}
	s.keyring.StartService(true)
	k := s.items()
	if !strings.Contains(s.item(k, key), first.AccessKeyID) {
		t.Fatal("the keychain does not have the session any more, so the test would show nothing")
	}

	now := current(t)
	if again := s.serves(now); again.AccessKeyID == first.AccessKeyID {
		t.Error("a forgotten session is served again")
	}
	s.runs(now)
	s.fetched(2)
	s.eventuallyStored(patience)
	if strings.Contains(s.item(k, key), first.AccessKeyID) {
		t.Error("the keychain still has the forgotten session")
	}
}
