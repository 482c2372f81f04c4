//go:build linux

package e2e

import (
	"slices"
	"testing"
	"time"

	"understudy/internal/canary"
	"understudy/internal/keychain/keyringtest"
)

// A keychain may cost a cold answer so much over what STS takes, which on
// loopback is nothing.
const coldLimit = 4 * time.Second

// stillServes asserts that neither what is cached nor what is cold waits for
// the keychain, and that the daemon lives.
func (s *stand) stillServes(pid int, cold string) {
	s.t.Helper()
	s.atRest("actor")
	s.Append(".aws/config", s.role(cold, standRole+cold, s.URL))
	s.served(s.quick(s.Helper(cold), coldLimit))
	s.atRest("actor")
	s.alive(pid)
}

// eventuallyStored waits until every session is in the keychain.
func (s *stand) eventuallyStored(within time.Duration) {
	s.t.Helper()
	s.eventually("what was fetched is in the keychain", within, func() bool {
		return !slices.ContainsFunc(s.status().Sessions, func(one sessionStatus) bool { return !one.Stored })
	})
}

// awaitPrompt waits until a person is asked to open the keychain.
func (s *stand) awaitPrompt(shown <-chan struct{}) {
	s.t.Helper()
	select {
	case <-shown:
	case <-time.After(patience):
		s.t.Fatalf("nobody is asked to open the keychain\n%s", s.log())
	}
}

// These run beside each other and beside no other test: they measure.
func TestNobodyWaitsForAKeychainThat(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"hangs":                            hangs,
		"hangs from the start":             hangsFromTheStart,
		"is locked with nobody there":      isLocked,
		"loses its bus with a prompt open": losesItsBus,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

func hangs(t *testing.T) {
	s := newStand(t, newWorld(t).withKeyring())
	s.served(s.Helper("actor"))
	pid := s.PID()

	s.keyring.PauseService()
	s.stillServes(pid, "one")
	s.keyring.Pause() // the whole bus, too
	s.stillServes(pid, "two")

	s.keyring.Resume()
	s.keyring.ResumeService()
	s.eventuallyStored(patience)
	s.alive(pid)
}

func hangsFromTheStart(t *testing.T) {
	s := newStand(t, newWorld(t).withKeyring())
	s.keyring.PauseService()
	s.served(s.quick(s.Helper("actor"), coldLimit))
	s.stillServes(s.PID(), "one")
}

func isLocked(t *testing.T) {
	s := newStand(t, newWorld(t).with(keyringtest.StartLocked(t)))
	s.served(s.quick(s.Helper("actor"), coldLimit))
	pid := s.PID()
	s.stillServes(pid, "one")

	for _, one := range s.status().Sessions {
		if one.Stored {
			t.Errorf("%v is said to be in a keychain that is locked", one.Profiles)
		}
	}
	// Locked at the start, opened by a person later.
	s.keyring.StartService(true)
	s.eventuallyStored(2 * patience)
	s.alive(pid)
}

func losesItsBus(t *testing.T) {
	fake := keyringtest.StartFake(t, keyringtest.Mood{Locked: true, Prompt: keyringtest.Ignored})
	shown := fake.Shown()
	s := newStand(t, newWorld(t).on(fake.Bus))
	s.served(s.quick(s.Helper("actor"), coldLimit))
	pid := s.PID()
	s.awaitPrompt(shown)
	s.stillServes(pid, "one")

	fake.Kill()
	s.stillServes(pid, "two")
	fake.Restart()
	fake.Become(keyringtest.Mood{})
	fake.Serve()
	s.stillServes(pid, "three")
	s.eventuallyStored(2 * patience)
	s.alive(pid)
}

func TestAThousandAnswersOpenOnePrompt(t *testing.T) {
	t.Parallel()
	fake := keyringtest.StartFake(t, keyringtest.Mood{Locked: true, Prompt: keyringtest.Ignored})
	shown := fake.Shown()
	s := newStand(t, newWorld(t).on(fake.Bus))
	s.served(s.Helper("actor"))
	s.awaitPrompt(shown)
	for range 4 {
		s.roundTrips("actor", 250)
	}
	for _, cold := range []string{"one", "two", "three"} {
		s.Append(".aws/config", s.role(cold, standRole+cold, s.URL))
		s.served(s.quick(s.Helper(cold), coldLimit))
	}
	if n := fake.Prompts(); n != 1 {
		t.Errorf("%d prompts were opened, want 1", n)
	}
}

func TestWithoutAKeychainNothingSecretIsOnDisk(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	k := s.served(s.Helper("actor"))
	s.end()
	for _, secret := range []string{k.SecretAccessKey, k.SessionToken, k.AccessKeyID} {
		if found := s.filesWith(canary.Secrets{"session": secret}); len(found) != 0 {
			t.Errorf("a part of the session stands in %v", found)
		}
	}
}
