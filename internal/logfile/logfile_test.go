package logfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLogIsBegunAnewWhenItIsFullAndKeepsTheLastOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	l := New(path, 10)
	defer l.Close()
	for _, line := range []string{"0123456789\n", "second\n"} {
		if _, err := l.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, path) + read(t, path+".1"); got != "second\n0123456789\n" {
		t.Errorf("files hold %q", got)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", st.Mode())
	}
}

func TestLogGoesOnWhenItsFileIsTakenAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	l := New(path, 1<<20)
	defer l.Close()
	l.Write([]byte("before\n"))
	os.Remove(path)
	if _, err := l.Write([]byte("after\n")); err != nil || read(t, path) != "after\n" {
		t.Errorf("err %v, file holds %q", err, read(t, path))
	}
}

func TestLogIsNotWrittenThroughALink(t *testing.T) {
	dir := t.TempDir()
	victim, path := filepath.Join(dir, "victim"), filepath.Join(dir, "a.log")
	os.WriteFile(victim, nil, 0o600)
	if err := os.Symlink(victim, path); err != nil {
		t.Fatal(err)
	}
	if _, err := New(path, 1<<20).Write([]byte("x\n")); err == nil || strings.Contains(read(t, victim), "x") {
		t.Errorf("wrote through a link (err %v)", err)
	}
}
