//go:build linux

package faults

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

// secrets are the texts that may stand nowhere: the mark of everything that STS
// issues, and the key that signs.
func secrets() [2]string { return [2]string{mark, sandbox.Example().Secret.Reveal()} }

// search looks for secrets in a text.
func (w *world) search(where, text string) {
	for _, secret := range secrets() {
		if strings.Contains(text, secret) {
			w.violate("a secret stands in %s", where)
		}
	}
}

// searchFiles looks for secrets in every file of the world except the
// credentials file, which holds the user's keys.
func (w *world) searchFiles() {
	err := filepath.WalkDir(w.Dir, func(path string, d os.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(filepath.Base(path), "credentials") {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		w.search(path, string(content))
		return err
	})
	if err != nil {
		w.violate("look through the files: %v", err)
	}
}

// searchProcesses looks for secrets in the arguments and the environment of
// every process of this world. Only root can look into a daemon.
func (w *world) searchProcesses() {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	w.must(err)
	for _, line := range lines {
		argv, _ := os.ReadFile(line)
		environ, _ := os.ReadFile(filepath.Join(filepath.Dir(line), "environ"))
		if bytes.Contains(environ, []byte(w.Socket)) {
			w.search("a process's arguments or environment", string(argv)+string(environ))
		}
	}
}

// alive is nil when the daemon answers within a second.
func (w *world) alive() (err error) {
	for deadline := time.Now().Add(time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err = w.request(wire.Request{Op: wire.Status}, time.Until(deadline)); err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}
