package trust

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWithdrawnTrustIsNoticed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte("[profile x]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := Open(filepath.Join(dir, "state"))
	for i, step := range []struct {
		do   func() error
		want bool
	}{
		{func() error { return nil }, false},
		{func() error { _, err := l.Add(file); return err }, true},
		{func() error { return nil }, false},
		{func() error { return l.Remove(file) }, true},
		{func() error { return nil }, false},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := l.Changed(); got != step.want {
			t.Errorf("step %d: changed is %v", i, got)
		}
	}
}

func TestAListOfTheWorkingFolderTrustsNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte("[profile x]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir).Add(file); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if err := (&Policy{List: Open("")}).Approve(file, []byte("[profile x]\n")); err == nil {
		t.Error("trusted by a list that lies in the working folder")
	}
}
