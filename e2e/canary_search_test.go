//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"understudy/internal/canary"
)

// searcher looks for secrets in the arguments and the environment of every
// process of its world, again and again, as anybody with ps could. It takes root
// to see the environment of a process that may not be looked into.
type searcher struct {
	w       *world
	secrets canary.Secrets
	lent    string // the secret that a caller has in its own environment

	stop    chan struct{}
	over    sync.WaitGroup
	known   map[string]string // what each process was when it was last looked at
	found   map[string]bool   // what was found, once each
	seen    map[string]bool   // programs that were looked at
	environ int               // environments that could be read
}

// searching begins; end says what was found.
func (w *world) searching(secrets canary.Secrets, lent string) *searcher {
	s := &searcher{w: w, secrets: secrets, lent: lent, stop: make(chan struct{}), known: map[string]string{}, found: map[string]bool{}, seen: map[string]bool{}}
	s.over.Go(func() {
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			s.look()
			select {
			case <-s.stop:
				tick.Stop()
				return
			case <-tick.C:
			}
		}
	})
	return s
}

func (s *searcher) look() {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, line := range lines {
		argv, _ := os.ReadFile(line) // empty once it has ended
		if len(argv) == 0 || s.known[line] == string(argv) {
			continue
		}
		s.known[line] = string(argv)
		environ, _ := os.ReadFile(filepath.Join(filepath.Dir(line), "environ"))
		if !bytes.Contains(argv, []byte(s.w.Dir)) && !bytes.Contains(argv, []byte(bin)) && !bytes.Contains(environ, []byte(s.w.Dir)) {
			continue
		}
		name := program(argv)
		s.seen[name] = true
		if len(environ) > 0 {
			s.environ++
		}
		for _, secret := range s.secrets.In(string(argv)) {
			s.found[fmt.Sprintf("the %s in the arguments of %s", secret, name)] = true
		}
		for _, secret := range s.secrets.In(string(environ)) {
			if secret != s.lent || name != "understudy-credentials" {
				s.found[fmt.Sprintf("the %s in the environment of %s", secret, name)] = true
			}
		}
	}
}

// program names a process by its first words.
func program(argv []byte) string {
	words := strings.Split(strings.TrimRight(string(argv), "\x00"), "\x00")
	name := filepath.Base(words[0])
	if name != "understudy-credentials" && len(words) > 1 {
		name += " " + words[1]
	}
	return name
}

// end stops the search, and demands that it saw these programs and found nothing.
func (s *searcher) end(programs ...string) {
	s.w.t.Helper()
	close(s.stop)
	s.over.Wait()
	for what := range s.found {
		s.w.t.Errorf("found %s", what)
	}
	for _, name := range programs {
		if !s.seen[name] {
			s.w.t.Errorf("%s was never looked at, only %v", name, s.seen)
		}
	}
	if os.Getuid() == 0 && s.environ == 0 {
		s.w.t.Error("no environment could be read: the search proves nothing")
	}
}

// filesWith returns what stands in which files of the world.
func (w *world) filesWith(secrets canary.Secrets) (found map[string][]string) {
	w.t.Helper()
	found = map[string][]string{}
	err := filepath.WalkDir(w.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if all := secrets.In(string(content)); len(all) > 0 {
			found[strings.TrimPrefix(path, w.Dir+"/")] = all
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}
