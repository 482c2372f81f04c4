package rewrite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"understudy/internal/credential"
)

const (
	before = "[profile x]\nregion = a\n"
	after  = "[profile x]\nregion = b\n"
)

func config(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	write(t, path, before)
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func says(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s says %.200q (%d bytes, %v), want %.200q (%d bytes)", path, got, len(got), err, want, len(want))
	}
}

// names lists what lies in the folder of path.
func names(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestTheNewTextTakesTheOldOnesPlaceAndTheOldIsKept(t *testing.T) {
	path := config(t)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	backup, err := f.Replace(t.Context(), after, Options{Backup: true})
	if err != nil {
		t.Fatal(err)
	}
	says(t, path, after)
	says(t, backup, before)
	for name, want := range map[string]fs.FileMode{path: 0o640, backup: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v (%v), want %v", name, info.Mode(), err, want)
		}
	}
	// The File is the new one: it can be put back.
	if _, err := f.Replace(t.Context(), before, Options{}); err != nil {
		t.Fatal(err)
	}
	says(t, path, before)
	if got := names(t, path); len(got) != 2 {
		t.Errorf("the folder holds %q", got)
	}
}

func TestALinkStaysAndWhatItLeadsToIsReplaced(t *testing.T) {
	path := config(t)
	link := filepath.Join(t.TempDir(), "config")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	backup, err := open(t, link).Replace(t.Context(), after, Options{Backup: true})
	if err != nil {
		t.Fatal(err)
	}
	says(t, path, after)
	if to, err := os.Readlink(link); err != nil || to != path {
		t.Errorf("the link leads to %q (%v)", to, err)
	}
	if filepath.Dir(backup) != filepath.Dir(path) || len(names(t, link)) != 1 {
		t.Errorf("the backup is %s; beside the link lies %q", backup, names(t, link))
	}
}

func TestAFileThatChangedMeanwhileIsLeftAlone(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"another text": func(path string) error { return os.WriteFile(path, []byte(before+"#"), 0o600) },
		"another mode": func(path string) error { return os.Chmod(path, 0o644) },
		"gone":         os.Remove,
		"a file anew": func(path string) error {
			return errors.Join(os.WriteFile(path+"2", []byte(before), 0o600), os.Rename(path+"2", path))
		},
		"a link, by then": func(path string) error { return errors.Join(os.Rename(path, path+"2"), os.Symlink(path+"2", path)) },
	} {
		t.Run(name, func(t *testing.T) {
			path := config(t)
			f := open(t, path)
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			was, _ := os.ReadFile(path)
			n := len(names(t, path))
			_, err := f.Replace(t.Context(), after, Options{Backup: true})
			if !errors.Is(err, ErrChanged) {
				t.Fatalf("got %v", err)
			}
			if fail, ok := errors.AsType[*credential.Failure](err); !ok || !strings.HasSuffix(fail.Reason, "has changed since it was read") {
				t.Errorf("got %v", err)
			}
			if is, _ := os.ReadFile(path); string(is) != string(was) || len(names(t, path)) != n {
				t.Errorf("it says %q, beside it lies %q", is, names(t, path))
			}
		})
	}
}

func TestOnlyAnOrdinaryFileOfOnesOwnIsOpened(t *testing.T) {
	dir := t.TempDir()
	linked := filepath.Join(dir, "linked")
	write(t, linked, before)
	if err := os.Link(linked, filepath.Join(dir, "second")); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{
		dir:          "is no ordinary file",
		os.DevNull:   "is no ordinary file",
		linked:       "has a second name",
		linked + "x": "no such file",
	} {
		_, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
		if missing := errors.Is(err, fs.ErrNotExist); missing != (want == "no such file") {
			t.Errorf("%s: missing is %v", path, missing)
		}
	}
}

func TestFiveBackupsAreKept(t *testing.T) {
	path := config(t)
	other := path + ".understudy-backup-mine"
	write(t, other, "kept")
	f := open(t, path)
	var made []string
	for i := range 8 {
		backup, err := f.Replace(t.Context(), before+strings.Repeat("#\n", i), Options{Backup: true})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, backup)
	}
	got, err := Backups(path)
	if err != nil || strings.Join(got, " ") != strings.Join(made[3:], " ") {
		t.Errorf("kept %q (%v), want %q", got, err, made[3:])
	}
	says(t, other, "kept")
}

func TestWhatACrashLeftIsSweptAtTheNextRun(t *testing.T) {
	path := config(t)
	left := filepath.Join(filepath.Dir(path), ".config.understudy-temp-123")
	others := filepath.Join(filepath.Dir(path), ".credentials.understudy-temp-123")
	write(t, left, "half")
	write(t, others, "half")
	if _, err := open(t, path).Replace(t.Context(), after, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := names(t, path); strings.Join(got, " ") != filepath.Base(others)+" config" {
		t.Errorf("the folder holds %q", got)
	}
}

func TestOfManyAtOnceNoChangeIsLost(t *testing.T) {
	path := config(t)
	const writers, lines = 6, 5
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for j := range lines {
				for {
					f, err := Open(path)
					if err == nil {
						_, err = f.Replace(t.Context(), f.Text()+fmt.Sprintf("k%d-%d = v\n", i, j), Options{})
					}
					if err == nil {
						break
					}
					if !errors.Is(err, ErrChanged) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), " = v\n") != writers*lines {
		t.Errorf("%d lines of %d are there (%v)", strings.Count(string(text), " = v\n"), writers*lines, err)
	}
	if got := names(t, path); len(got) != 1 {
		t.Errorf("the folder holds %q", got)
	}
}
