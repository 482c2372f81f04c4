package trust

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

const content = "[profile x]\nrole_arn = arn:aws:iam::123456789012:role/Admin\n"

// config writes a configuration file that may be trusted.
func config(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	write(t, path, content)
	return path
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, l *List, path string) {
	t.Helper()
	if _, err := l.Add(path); err != nil {
		t.Fatal(err)
	}
}

func mustRefuse(t *testing.T, p *Policy, path, text, reason string) {
	t.Helper()
	err := p.Approve(path, []byte(text))
	f, ok := errors.AsType[*credential.Failure](err)
	if !ok {
		t.Fatalf("%s: got %v, want a failure", path, err)
	}
	if f.Code != wire.BadConfig || f.Reason != "the file "+path+" "+reason || f.Hint != "if it is yours: understudy trust "+path {
		t.Errorf("%s %q, hint %q", f.Code, f.Reason, f.Hint)
	}
}

func TestOnlyTheDaemonsOwnFilesAreTrustedUnasked(t *testing.T) {
	p := &Policy{Always: []string{"/home/alice/.aws/config", "/etc/understudy/../aws"}, List: Open(t.TempDir())}
	for _, path := range []string{"/home/alice/.aws/config", "/home/alice/.aws/../.aws/config", "/etc/aws"} {
		if err := p.Approve(path, []byte(content)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	mustRefuse(t, p, "/tmp/config", content, "is not trusted")
	mustRefuse(t, &Policy{}, "/tmp/config", content, "is not trusted")
}

func TestTheListMattersToFilesThatAreNotTrustedAnyhow(t *testing.T) {
	own, other := filepath.Join(t.TempDir(), "config"), config(t)
	p := &Policy{Always: []string{own}}
	if !p.Stands(own) || !p.Stands(own, own+"/../config") || p.Stands(other) || p.Stands(own, other) {
		t.Errorf("own %v, own twice %v, other %v, both %v", p.Stands(own), p.Stands(own, own+"/../config"), p.Stands(other), p.Stands(own, other))
	}
}

func TestAFileThatHoldsNothingNeedsNoTrust(t *testing.T) {
	if err := (&Policy{}).Approve("/tmp/empty", nil); err != nil {
		t.Error(err)
	}
}

func TestAnAllowedFileIsTrustedUntilItChanges(t *testing.T) {
	dir, path := filepath.Join(t.TempDir(), "state"), config(t)
	p := &Policy{List: Open(dir)}
	mustRefuse(t, p, path, content, "is not trusted")
	add(t, Open(dir), path) // as another process does
	if err := p.Approve(path, []byte(content)); err != nil {
		t.Error(err)
	}
	mustRefuse(t, p, path, content+"#", "has changed since it was trusted")
	mustRefuse(t, p, path+"2", content, "is not trusted")
	if err := Open(dir).Remove(path); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, p, path, content, "is not trusted")
}

func TestAChangedFileIsAllowedAnewInTheSamePlace(t *testing.T) {
	l, path := Open(t.TempDir()), config(t)
	add(t, l, path)
	write(t, path, content+"# more\n")
	add(t, l, path)
	entries, err := l.Entries()
	if err != nil || len(entries) != 1 || entries[0].Path != path || entries[0].SHA256 != digest([]byte(content+"# more\n")) {
		t.Errorf("entries = %+v, %v", entries, err)
	}
}

func TestOnlyAPlainFileOfOnesOwnCanBeAllowed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("mode bits say nothing on Windows")
	}
	l, path := Open(t.TempDir()), config(t)
	if err := os.Chmod(path, 0o620); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		path:                 "may be written by others",
		filepath.Dir(path):   "not a regular file",
		os.DevNull:           "not a regular file",
		path + "-missing":    "no such file",
		"/proc/self/no-such": "no such file",
	} {
		if _, err := l.Add(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if entries, _ := l.Entries(); len(entries) != 0 {
		t.Errorf("entries = %+v", entries)
	}
}

func TestTheListHoldsNoContentAndIsForItsOwnerAlone(t *testing.T) {
	dir, path := filepath.Join(t.TempDir(), "a", "state"), config(t)
	add(t, Open(dir), path)
	for name, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, fileName): 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}
	written, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil || strings.Contains(string(written), "role_arn") || !json.Valid(written) {
		t.Errorf("%s (%v)", written, err)
	}
}

func TestABrokenListTrustsNothingAndIsWrittenAnew(t *testing.T) {
	dir, path := t.TempDir(), config(t)
	p := &Policy{List: Open(dir)}
	write(t, filepath.Join(dir, fileName), `{"version": 1, "files": [{"pa`)
	mustRefuse(t, p, path, content, "is not trusted")
	add(t, p.List, path)
	if err := p.Approve(path, []byte(content)); err != nil {
		t.Error(err)
	}
}

func TestAListOfANewerVersionIsLeftAlone(t *testing.T) {
	dir, path := t.TempDir(), config(t)
	const newer = `{"version": 2, "files": []}`
	write(t, filepath.Join(dir, fileName), newer)
	p := &Policy{List: Open(dir)}
	if _, err := p.List.Add(path); err == nil {
		t.Error("it was overwritten")
	}
	if err := p.Approve(path, []byte(content)); err == nil || !strings.Contains(err.Error(), "newer understudy") {
		t.Errorf("got %v", err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, fileName)); string(got) != newer {
		t.Errorf("now it holds %s", got)
	}
}

func TestAListThatOthersMayWriteTrustsNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("mode bits say nothing on Windows")
	}
	dir, path := t.TempDir(), config(t)
	add(t, Open(dir), path)
	if err := os.Chmod(filepath.Join(dir, fileName), 0o622); err != nil {
		t.Fatal(err)
	}
	if err := (&Policy{List: Open(dir)}).Approve(path, []byte(content)); err == nil || !strings.Contains(err.Error(), "written by others") {
		t.Errorf("got %v", err)
	}
}

func TestTheListIsNeverSeenHalfWritten(t *testing.T) {
	dir, path := t.TempDir(), config(t)
	add(t, Open(dir), path)
	p := &Policy{List: Open(dir)}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 50 {
				if err := p.Approve(path, []byte(content)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	other := config(t)
	for range 50 {
		add(t, Open(dir), other)
	}
	wait.Wait()
}

// FuzzList holds that whatever stands in the list, a file is trusted only when
// an entry names its path and its content.
func FuzzList(f *testing.F) {
	f.Add([]byte(`{"version":1,"files":[{"path":"/x","sha256":"`+digest([]byte(content))+`","added":"2026-01-01T00:00:00Z"}]}`), "/x")
	f.Add([]byte(`{"version":1,"files":[{"path":"/x","sha256":""}]}`), "/x")
	f.Add([]byte(`{"version":2}`), "/x")
	f.Add([]byte(`[]`), "")
	f.Add([]byte("\x00"), "relative")
	f.Fuzz(func(t *testing.T, list []byte, path string) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, fileName), string(list))
		if (&Policy{List: Open(dir)}).Approve(path, []byte(content)) != nil {
			return
		}
		var doc document
		err := json.Unmarshal(list, &doc)
		if err != nil || doc.Version > version || !slices.ContainsFunc(doc.Files, func(e Entry) bool {
			return e.Path == filepath.Clean(path) && e.SHA256 == digest([]byte(content))
		}) {
			t.Errorf("%q is trusted by %q", path, list)
		}
	})
}
