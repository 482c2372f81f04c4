package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"understudy/internal/rewrite"
	"understudy/internal/trust"
)

// What a file says by now may be somebody else's words.
func TestOnlyWhatWasWrittenIsTrustedAnew(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	path := filepath.Join(dir, "config")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("[profile x]\n")
	f, err := rewrite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := trustList()
	if err != nil {
		t.Fatal(err)
	}
	policy := trust.Policy{List: l}
	p := pair{{path: path, text: f.Text(), file: f}}
	var said bytes.Buffer
	a := &app{err: &said}
	a.trustAnew(p, []string{path})
	if err := policy.Approve(path, []byte("[profile x]\n")); err != nil || said.Len() > 0 {
		t.Errorf("what was written: %v, %s", err, &said)
	}
	put("[profile x]\ncredential_process = /tmp/evil\n")
	a.trustAnew(p, []string{path})
	if policy.Approve(path, []byte("[profile x]\ncredential_process = /tmp/evil\n")) == nil || !strings.Contains(said.String(), "is trusted no longer: it has changed") {
		t.Errorf("what came after is trusted: %s", &said)
	}
}
