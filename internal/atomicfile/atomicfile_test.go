package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestReplaceMakesTheFolderAndGivesOnlyTheUserPermissions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for _, content := range []string{"old", "new"} {
		if err := Replace(dir, "f", []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "f"))
		if err != nil || string(got) != content {
			t.Errorf("%q, %v", got, err)
		}
		os.Chmod(dir, 0o777)
	}
	if err := Replace(dir, "f", nil); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "f"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestReplaceFollowsALinkToAFolderOfTheUser(t *testing.T) {
	folder, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(folder, link); err != nil {
		t.Skip(err)
	}
	if err := Replace(link, "f", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(folder, "f")); string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestReplaceNeedsAFolder(t *testing.T) {
	for _, dir := range []string{os.DevNull, ""} {
		if err := Replace(dir, "f", nil); err == nil {
			t.Errorf("%q is taken", dir)
		}
	}
}

func TestAnErrorIsTheSameEachTimeAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "f"), 0o700); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "f", "x"), nil, 0o600)
	first, second := Replace(dir, "f", nil), Replace(dir, "f", nil)
	if first == nil || second == nil || first.Error() != second.Error() {
		t.Errorf("%v, then %v", first, second)
	}
	failed := errors.New("no")
	if _, err := Write(filepath.Join(dir, "f"), nil, func(*os.File) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%d files are left", len(left))
	}
}

func TestReplaceRepairsAFolderThatItsOwnerCannotWriteTo(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if err := Replace(dir, "f", nil); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestReplaceSweepsWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, name := range []string{"old", "young"} {
		if err := os.WriteFile(filepath.Join(dir, prefix(path)+name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-time.Hour)
	os.Chtimes(filepath.Join(dir, prefix(path)+"old"), past, past)
	if err := Replace(dir, "f", nil); err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(dir, prefix(path)+"old")) || !exists(filepath.Join(dir, prefix(path)+"young")) {
		t.Error("the old one stays, or the young one is removed")
	}
}

func TestSweepRemovesOldTemporaryFilesOfThisFileOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	names := map[string]bool{prefix(path) + "old": false, prefix(path) + "young": true, prefix(path+"2") + "old": true, "f": true}
	for name := range names {
		file := filepath.Join(filepath.Dir(path), name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "old") {
			past := time.Now().Add(-time.Hour)
			os.Chtimes(file, past, past)
		}
	}
	Sweep(path, StaleAfter)
	for name, stays := range names {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), name)); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSweepOfAnyAgeRemovesAFileOfTheFuture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	left := filepath.Join(filepath.Dir(path), prefix(path)+"1")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	os.Chtimes(left, time.Now().Add(time.Hour), time.Now().Add(time.Hour))
	if Sweep(path, StaleAfter); !exists(left) {
		t.Error("a young file is removed")
	}
	if Sweep(path, 0); exists(left) {
		t.Error("it stays")
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
