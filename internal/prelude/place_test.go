//go:build linux && (amd64 || arm64)

package prelude

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"understudy/internal/place"
)

const nobody = 65534

// find looks for the daemon of a caller with this home and, unless it is empty,
// this UNDERSTUDY_SOCKET.
func find(t *testing.T, home, socket string) (path string, ok bool) {
	t.Helper()
	got := new(trip)
	if !got.look(process([]string{"helper", "p"}, []string{"HOME=" + home, "UNDERSTUDY_SOCKET=" + socket})) {
		t.Fatal("the call is left to main")
	}
	ok = got.find()
	return string(got.to.path[:got.length]), ok
}

func TestAFolderThatIsNotThisUsersAloneIsLeftToMain(t *testing.T) {
	for name, c := range map[string]struct {
		mode os.FileMode
		want bool
	}{
		"its own":              {0o700, true},
		"seen by all":          {0o755, true}, // UNDERSTUDY_SOCKET chose it
		"written by the group": {0o770, false},
		"written by others":    {0o702, false},
		"open to all":          {0o777 | os.ModeSticky, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Chmod(dir, c.mode); err != nil {
				t.Fatal(err)
			}
			socket := filepath.Join(dir, "s")
			if path, ok := find(t, "/home/alice", socket); ok != c.want || path != socket {
				t.Errorf("%v at %q", ok, path)
			}
		})
	}
}

func TestWhatIsNoFolderOfThisUsersIsLeftToMain(t *testing.T) {
	dir := t.TempDir()
	file, link, foreign := filepath.Join(dir, "file"), filepath.Join(dir, "link"), "/usr"
	if err := os.WriteFile(file, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		foreign = t.TempDir()
		if err := os.Chown(foreign, nobody, -1); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{file, link, foreign, filepath.Join(dir, "missing")} {
		if _, ok := find(t, "/home/alice", filepath.Join(folder, "s")); ok {
			t.Errorf("%s is taken", folder)
		}
	}
	for _, socket := range []string{"/socket", filepath.Join(dir, strings.Repeat("s", place.MaxPath))} {
		if _, ok := find(t, "/home/alice", socket); ok {
			t.Errorf("%s is taken", socket)
		}
	}
}

// Without UNDERSTUDY_SOCKET the folder must be shut to others altogether.
func TestTheUsualFolderIsBelowHomeAndShut(t *testing.T) {
	defer func(was string) { runtimeFolders = was }(runtimeFolders)
	runtimeFolders = t.TempDir() + "/"
	home := folder(t)
	run := filepath.Join(home, ".local/state/understudy/run")
	if err := os.MkdirAll(run, 0o700); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]bool{0o700: true, 0o750: false, 0o701: false} {
		if err := os.Chmod(run, mode); err != nil {
			t.Fatal(err)
		}
		if path, ok := find(t, home, ""); ok != want || path != filepath.Join(run, "socket") {
			t.Errorf("mode %o: %v at %q", mode, ok, path)
		}
	}
}

// As wire.TestARuntimeFolderCountsOnlyWhenItIsTheUsersAlone has it.
func TestARuntimeFolderCountsAsItDoesForMain(t *testing.T) {
	defer func(was string) { runtimeFolders = was }(runtimeFolders)
	runtimeFolders = folder(t) + "/"
	home, own := folder(t), runtimeFolders+strconv.Itoa(os.Getuid())
	if err := os.MkdirAll(own+"/understudy", 0o700); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]string{
		0o700: own + "/understudy/socket", 0o700 | os.ModeSticky: own + "/understudy/socket", 0o700 | os.ModeSetgid: own + "/understudy/socket",
		0o755: home + "/.local/state/understudy/run/socket", 0o710: home + "/.local/state/understudy/run/socket",
		0o500: home + "/.local/state/understudy/run/socket",
	} {
		if err := os.Chmod(own, mode); err != nil {
			t.Fatal(err)
		}
		if path, _ := find(t, home, ""); path != want {
			t.Errorf("mode %v: %q, want %q", mode, path, want)
		}
	}
}
