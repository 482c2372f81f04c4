//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"understudy/internal/sandbox"
)

const canary = "CanaryInTheMine"

// A marked secret is found in the helper's answer, and nowhere else: everything
// that people, logs and files get to see is searched for the mark.
func TestASecretIsInTheHelpersAnswerAndNowhereElse(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t).withKeyring())
	s.sts.Set(sandbox.Behaviour{SecretMark: canary})
	alice := sandbox.Example().Secret.Reveal()

	if k := s.served(s.helper("actor")); !strings.Contains(k.SecretAccessKey, canary) || !strings.Contains(k.SessionToken, canary) {
		t.Fatal("the answer does not hold the mark, so the rest proves nothing")
	}
	s.append(".aws/config", s.role("stranger", "arn:aws:iam::999999999999:role/Other", s.http.URL))
	var said []outcome
	note := func(o outcome) { said = append(said, o) }
	s.eventually("the session is in the keychain", patience/6, func() bool { return s.status().Sessions[0].Stored })

	// The daemon comes back from the keychain, renews, is refused and misled.
	s.kill()
	s.helper("actor")
	s.searchProcesses(canary, alice)
	for _, b := range []sandbox.Behaviour{
		{Code: "AccessDenied", Message: "no", SecretMark: canary},
		{Mutate: sandbox.NoExpiration, SecretMark: canary},
		{Mutate: sandbox.CutXML, SecretMark: canary},
		{Body: &sandbox.Body{Text: "<html>" + canary}, SecretMark: canary},
	} {
		s.sts.Set(b)
		note(s.helper("stranger"))
		note(s.understudy("get", "stranger"))
	}
	for _, args := range [][]string{
		{"status"}, {"status", "--json"}, {"daemon", "status"}, {"daemon", "logs"}, {"version"},
		{"forget", "actor"}, {"status", "--json"}, {"daemon", "stop"}, {"daemon", "logs"},
	} {
		note(s.understudy(args...))
	}
	for _, o := range said {
		for _, secret := range []string{canary, alice} {
			if strings.Contains(o.stdout+o.stderr, secret) {
				t.Errorf("%s shows a secret:\n%v", o.name, o)
			}
		}
	}

	// What a killed and a stopped daemon leave on disk.
	s.end()
	if found := s.filesWith(canary); len(found) != 0 {
		t.Errorf("the mark stands in %v", found)
	}
	if found := s.filesWith(alice); len(found) != 1 || filepath.Base(found[0]) != "credentials" {
		t.Errorf("alice's own secret stands in %v, want her credentials file alone", found)
	}
}

// searchProcesses looks for the texts in the command line and the environment
// of every process of this world, as ps would show them.
func (w *world) searchProcesses(texts ...string) {
	w.t.Helper()
	ours := 0
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, line := range lines {
		dir := filepath.Dir(line)
		argv, err := os.ReadFile(line)
		if err != nil {
			continue // ended meanwhile
		}
		// The environment of a process that may not be looked into is closed
		// to ps as well.
		environ, _ := os.ReadFile(filepath.Join(dir, "environ"))
		if bytes.Contains(environ, []byte(w.dir)) || filepath.Base(dir) == fmt.Sprint(w.pid()) {
			ours++
		}
		for _, text := range texts {
			if bytes.Contains(argv, []byte(text)) || bytes.Contains(environ, []byte(text)) {
				w.t.Errorf("%s shows a secret: %q", dir, bytes.ReplaceAll(argv, []byte{0}, []byte{' '}))
			}
		}
	}
	if ours == 0 {
		w.t.Errorf("no process of this world was among %d", len(lines))
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
