//go:build linux

package e2e

import (
	"path/filepath"
	"testing"
)

func TestTwoHundredHelpersOnAColdRoleMakeOneCall(t *testing.T) {
	story := needMoto(t)
	w := newWorld(t).withKeyring()
	seen := newWitness(t, story.URL)
	w.tell(story, seen.URL)

	// Nothing runs yet: they race for the start of the daemon too.
	all := w.crowd(200, "reader")
	first := w.served(all[0])
	for _, o := range all[1:] {
		if w.served(o).Raw != first.Raw {
			t.Fatalf("two answers differ:\n%s%s", first.Raw, o.Stdout)
		}
	}
	if n := seen.assumed(); n != 1 {
		t.Errorf("%d AssumeRole, want exactly 1", n)
	}

	if w.served(w.Helper("reader")).Raw != first.Raw || seen.assumed() != 1 {
		t.Errorf("a warm call is not the first answer from memory; %d AssumeRole", seen.assumed())
	}
	if s := w.status(); len(s.Sessions) != 1 || s.Sessions[0].Uses != 201 || s.Sessions[0].Fetches != 1 {
		t.Errorf("status tells of something else: %+v", s)
	}
}

func TestAKilledDaemonComesBackWithTheSameSession(t *testing.T) {
	story := needMoto(t)
	w := newWorld(t).withKeyring()
	seen := newWitness(t, story.URL)
	w.tell(story, seen.URL)

	first := w.served(w.Helper("reader"))
	w.eventually("the session is in the keychain", patience/6, func() bool {
		s := w.status()
		return len(s.Sessions) == 1 && s.Sessions[0].Stored
	})
	before := w.PID()
	w.Kill()

	again := w.served(w.Helper("reader"))
	if again.AccessKeyID != first.AccessKeyID || again.Raw != first.Raw {
		t.Errorf("after kill -9 the session is another: %s, was %s", again.AccessKeyID, first.AccessKeyID)
	}
	if n := seen.assumed(); n != 1 {
		t.Errorf("%d AssumeRole, want the 1 of before", n)
	}
	if now := w.PID(); now == before || now == 0 {
		t.Errorf("the daemon is process %d, was %d", now, before)
	}
	if s := w.status(); s.Daemon.Store != "keychain" {
		t.Errorf("the store is %q (%s)", s.Daemon.Store, s.Daemon.StoreReason)
	}
}

func TestAChangedRoleIsANewSessionAtTheNextCall(t *testing.T) {
	story := needMoto(t)
	w := newWorld(t)
	seen := newWitness(t, story.URL)
	w.tell(story, seen.URL)

	known := map[string]string{}
	var pid int
	for i, change := range []struct {
		name  string
		apply func()
	}{
		{"the first call", func() {}},
		{"an external_id", func() { w.tell(story, seen.URL, "understudy_external_id = one") }},
		{"another external_id", func() { w.tell(story, seen.URL, "understudy_external_id = two") }},
		{"another role_arn", func() {
			other := story
			other.Reader = story.Sibling
			w.tell(other, seen.URL, "understudy_external_id = two")
		}},
	} {
		change.apply()
		key := w.served(w.Helper("reader")).AccessKeyID
		if before, ok := known[key]; ok {
			t.Errorf("after %s the session is still that of %s", change.name, before)
		}
		known[key] = change.name
		if n := seen.assumed(); n != i+1 {
			t.Errorf("after %s: %d AssumeRole, want %d", change.name, n, i+1)
		}
		if i == 0 {
			pid = w.PID()
		}
	}
	w.alive(pid)

	// Back to what was: that session is still good, and still there.
	w.tell(story, seen.URL)
	if name := known[w.served(w.Helper("reader")).AccessKeyID]; name != "the first call" || seen.assumed() != 4 {
		t.Errorf("the first configuration again gives %q's session, %d AssumeRole", name, seen.assumed())
	}
}

func TestTwoProfilesThatAskForTheSameShareOneSession(t *testing.T) {
	story := needMoto(t)
	w := newWorld(t)
	seen := newWitness(t, story.URL)
	w.tell(story, seen.URL)
	config := filepath.Join(".aws", "config")
	w.Append(config, w.role("same", story.Reader, seen.URL))

	if a, b := w.served(w.Helper("reader")), w.served(w.Helper("same")); a.Raw != b.Raw {
		t.Errorf("two sessions: %s and %s", a.AccessKeyID, b.AccessKeyID)
	}
	if n := seen.assumed(); n != 1 {
		t.Errorf("%d AssumeRole, want 1", n)
	}
}
