//go:build linux

package e2e

import (
	"testing"

	"understudy/internal/credential"
)

// newerSession is a session as no version before 2 understands it.
func newerSession(id string) string {
	return enveloped("session "+id, 2, `{"format":"cbor","sealed":"bWFkZSB1cA=="}`)
}

// The daemon serves a session of its own, from memory alone, and the item of the
// newer version is there when that version comes back.
func TestAKeychainItemOfANewerVersionIsLeftAloneAndReported(t *testing.T) {
	t.Parallel()
	for name, alsoIndex := range map[string]bool{"beside an index of this version": false, "beside an index of that version": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, s := current(t), newKeyringStand(t)
			s.serves(now)
			s.eventuallyStored(patience)
			s.does(now, "daemon", "stop")
			id, k := s.sessionID(), s.items()
			key, newer := "session/"+id, newerSession(id)
			if err := k.Set(t.Context(), key, credential.NewSecret(newer)); err != nil {
				t.Fatal(err)
			}
			if alsoIndex {
				s.Write(indexPath, newerIndex)
			}

			first := s.serves(now)
			s.fetched(2)
			if again := s.serves(now); again != first {
				t.Error("the second answer is another session")
			}
			// A write is never waited for by a caller, but by the end of the daemon.
			s.does(now, "daemon", "stop")
			if got := s.item(k, key); got != newer {
				t.Errorf("the item of the newer version is overwritten by one of %d bytes", len(got))
			}
			s.newerReported("session")
		})
	}
}
