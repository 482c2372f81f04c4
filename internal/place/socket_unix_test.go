//go:build linux || darwin

package place

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestAFolderThatIsNotThisUsersAloneIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		mode    os.FileMode
		chosen  bool // by UNDERSTUDY_SOCKET
		refused string
	}{
		"its own":                            {0o700, false, ""},
		"its own, read only":                 {0o500, false, ""},
		"seen by the group":                  {0o750, false, "mode 0750"},
		"entered by the group":               {0o710, false, "mode 0710"},
		"seen by all":                        {0o755, false, "mode 0755"},
		"entered by others":                  {0o701, false, "mode 0701"},
		"open to all":                        {0o777, false, "mode 0777"},
		"chosen, its own":                    {0o700, true, ""},
		"chosen, seen by all":                {0o755, true, ""},
		"chosen, written by the group":       {0o770, true, "mode 0770"},
		"chosen, written by others":          {0o702, true, "mode 0702"},
		"chosen, open to all":                {0o777, true, "mode 0777"},
		"chosen, open to all, and only ours": {0o777 | os.ModeSticky, true, "mode 0777"},
	} {
		t.Run(name, func(t *testing.T) {
			path := folder(t)
			if err := os.Chmod(filepath.Dir(path), c.mode); err != nil {
				t.Fatal(err)
			}
			if c.chosen {
				t.Setenv("UNDERSTUDY_SOCKET", path)
			}
			checkRefusal(t, path, c.refused)
		})
	}
}

// otherUID is the ID of another user.
const otherUID = 65534

// folder is a folder that CheckDir accepts, and a socket's path in it.
func folder(t *testing.T) (path string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "own")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "socket")
}

// checkRefusal asserts that CheckDir refuses with that text; "" for none.
func checkRefusal(t *testing.T, path, refused string) {
	t.Helper()
	err := CheckDir(path)
	switch {
	case refused == "" && err != nil:
		t.Errorf("refused: %v", err)
	case refused != "" && (!errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), refused)):
		t.Errorf("got %v, want %q", err, refused)
	}
}

func TestALinkToAFolderIsRefused(t *testing.T) {
	target := filepath.Dir(folder(t))
	link := filepath.Join(filepath.Dir(folder(t)), "link")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	checkRefusal(t, filepath.Join(link, "socket"), "symbolic link")
}

func TestAFileForAFolderIsRefused(t *testing.T) {
	file := folder(t)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	checkRefusal(t, filepath.Join(file, "socket"), "not a folder")
}

func TestAnothersFolderIsRefused(t *testing.T) {
	path, owner := "/usr/socket", 0 // root's, if this user is not root
	if os.Getuid() == 0 {
		path, owner = folder(t), otherUID
		if err := os.Chown(filepath.Dir(path), owner, -1); err != nil {
			t.Fatal(err)
		}
	}
	checkRefusal(t, path, "belongs to user "+strconv.Itoa(owner))
}

func TestMakeDirMakesAllThatIsMissingShutToOthers(t *testing.T) {
	path := filepath.Join(filepath.Dir(folder(t)), "a/b/c/socket")
	for range 2 {
		if err := MakeDir(path); err != nil {
			t.Fatal(err)
		}
	}
	for dir := filepath.Dir(path); filepath.Base(dir) != "a"; dir = filepath.Dir(dir) {
		if st, err := os.Stat(dir); err != nil || st.Mode() != os.ModeDir|0o700 {
			t.Errorf("%s: %v, %v", dir, st.Mode(), err)
		}
	}
}

func TestTheSocketsPlace(t *testing.T) {
	for name, c := range map[string]struct{ chosen, want, wrong string }{
		"chosen":       {"/x/y", "/x/y", ""},
		"relative":     {"x/y", "", "not an absolute path"},
		"the longest":  {"/" + strings.Repeat("x", MaxPath-1), "/" + strings.Repeat("x", MaxPath-1), ""},
		"a byte more":  {"/" + strings.Repeat("x", MaxPath), "", "longer than"},
		"tilde is not": {"~/x", "", "not an absolute path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("UNDERSTUDY_SOCKET", c.chosen)
			got, err := SocketPath()
			if got != c.want || (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// Nothing that differs between a shell, cron and a desktop may move the socket.
func TestTheSocketsPlaceFollowsFromTheUserAlone(t *testing.T) {
	t.Setenv("HOME", "/home/alice")
	want, err := SocketPath()
	if err != nil {
		t.Fatal(err)
	}
	if want != "/home/alice/.local/state/understudy/run/socket" && want != "/run/user/"+strconv.Itoa(os.Getuid())+"/understudy/socket" {
		t.Errorf("it is %s", want)
	}
	for _, name := range []string{"XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "TMPDIR", "USER"} {
		t.Setenv(name, "/elsewhere")
	}
	if got, err := SocketPath(); got != want || err != nil {
		t.Errorf("%s, %v; was %s", got, err, want)
	}
}

func TestHomeIsNeverTheWorkingFolder(t *testing.T) {
	var listed string
	if u, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
		listed = u.HomeDir
	}
	for _, home := range []string{"", "relative", "."} {
		t.Setenv("HOME", home)
		if got, err := Home(); got != listed || (err == nil) != (listed != "") {
			t.Errorf("HOME=%q: %q, %v; want %q, what the password database says", home, got, err, listed)
		}
	}
	t.Setenv("HOME", "/home/alice")
	if got, err := Home(); got != "/home/alice" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
