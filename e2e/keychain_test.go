//go:build linux

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"understudy/internal/keychain/keyringtest"
	"understudy/internal/wire"
)

// A keychain may cost a cold answer so much over what STS takes, which on
// loopback is nothing.
const coldLimit = 4 * time.Second

// latency makes n round trips to the daemon for a profile in memory and
// returns the 99th percentile. It stands in this process, so that it measures
// the daemon and not the start of a helper.
func (w *world) latency(profile string, n int) time.Duration {
	w.t.Helper()
	took := make([]time.Duration, n)
	for i := range took {
		began := time.Now()
		conn, err := wire.Dialer{Path: w.socket}.Dial(time.Second)
		if err != nil {
			w.t.Fatal(err)
		}
		reply, err := conn.Do(wire.Request{
			Op: wire.Credentials, Profile: profile,
			ConfigFile:      filepath.Join(w.home, ".aws", "config"),
			CredentialsFile: filepath.Join(w.home, ".aws", "credentials"),
		}, 5*time.Second)
		conn.Close()
		took[i] = time.Since(began)
		if err != nil || reply.Err != nil {
			w.t.Fatalf("round trip %d: %v, %v", i, err, reply.Err)
		}
	}
	slices.Sort(took)
	return took[n*99/100]
}

// stillServes asserts that neither what is cached nor what is cold waits for
// the keychain, and that the daemon lives.
func (s *stand) stillServes(pid int, cold string) {
	s.t.Helper()
	if p99 := s.latency("actor", 300); p99 > 20*time.Millisecond {
		s.t.Errorf("cached answers take %v (p99), want at most 20 ms", p99)
	}
	s.append(".aws/config", s.role(cold, standRole+cold, s.http.URL))
	s.served(s.quick(s.helper(cold), coldLimit))
	if p99 := s.latency("actor", 300); p99 > 20*time.Millisecond {
		s.t.Errorf("cached answers beside a cold one take %v (p99), want at most 20 ms", p99)
	}
	s.alive(pid)
}

func TestAKeychainThatHangsHoldsNobodyUp(t *testing.T) {
	s := newStand(t, newWorld(t).withKeyring())
	s.served(s.helper("actor"))
	pid := s.pid()

	s.keyring.PauseService()
	s.stillServes(pid, "one")
	s.keyring.Pause() // the whole bus, too
	s.stillServes(pid, "two")

	s.keyring.Resume()
	s.keyring.ResumeService()
	s.eventually("what was fetched meanwhile is in the keychain", patience, func() bool {
		return !slices.ContainsFunc(s.status().Sessions, func(one sessionStatus) bool { return !one.Stored })
	})
}

func TestAKeychainThatHangsFromTheStartHoldsNobodyUp(t *testing.T) {
	s := newStand(t, newWorld(t).withKeyring())
	s.keyring.PauseService()
	s.served(s.quick(s.helper("actor"), coldLimit))
	s.stillServes(s.pid(), "one")
}

func TestALockedKeychainWithNobodyThereHoldsNobodyUp(t *testing.T) {
	s := newStand(t, newWorld(t).with(keyringtest.StartLocked(t)))
	s.served(s.quick(s.helper("actor"), coldLimit))
	pid := s.pid()
	s.stillServes(pid, "one")

	for _, one := range s.status().Sessions {
		if one.Stored {
			t.Errorf("%v is said to be in a keychain that is locked", one.Profiles)
		}
	}
	// Locked at the start, opened by a person later.
	s.keyring.StartService(true)
	s.eventually("what was fetched meanwhile is in the keychain", 2*patience, func() bool {
		return !slices.ContainsFunc(s.status().Sessions, func(one sessionStatus) bool { return !one.Stored })
	})
	s.alive(pid)
}

func TestADeadBusHoldsNobodyUp(t *testing.T) {
	s := newStand(t, newWorld(t).with(keyringtest.StartLocked(t)))
	s.served(s.helper("actor"))
	pid := s.pid()
	// A locked keychain has a prompt open, or is about to: the write behind
	// the answer asks for it. The bus dies at several points of that.
	for i, name := range []string{"one", "two", "three"} {
		time.Sleep(time.Duration(i) * 100 * time.Millisecond) // the point, not readiness
		s.keyring.Kill()
		s.stillServes(pid, name)
		s.keyring.Restart()
		s.keyring.StartService(false)
	}
}

func TestWithoutAKeychainNothingSecretIsOnDisk(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	k := s.served(s.helper("actor"))
	s.end()
	for _, secret := range []string{k.SecretAccessKey, k.SessionToken, k.AccessKeyID} {
		if found := s.filesWith(secret); len(found) != 0 {
			t.Errorf("a part of the session stands in %v", found)
		}
	}
}

// filesWith returns the files of the world that hold the text.
func (w *world) filesWith(text string) (found []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.Contains(content, []byte(text)) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}
