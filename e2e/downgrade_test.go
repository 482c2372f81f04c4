//go:build linux

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// enveloped is body as some version of understudy keeps it. The envelope itself
// never changes; the version is that of the body.
func enveloped(kind string, version int, body string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s", kind, version, body))
	return fmt.Sprintf(`{"understudy":%q,"version":%d,"sum":%q,"body":%s}`, kind, version, hex.EncodeToString(sum[:]), body)
}

// sessionID is the one session's ID in the index.
func (w *world) sessionID() string {
	w.t.Helper()
	var index struct{ Body []struct{ ID string } }
	if err := json.Unmarshal([]byte(w.Read(indexPath)), &index); err != nil || len(index.Body) != 1 || index.Body[0].ID == "" {
		w.t.Fatalf("the index does not name one session: %v", err)
	}
	return index.Body[0].ID
}

// newerIndex is an index that no version before 2 understands.
var newerIndex = enveloped("index", 2, `{"sessions":{"3f1c":{"owner":"broker","profiles":["prod"]}}}`)

func TestAnIndexOfANewerVersionIsLeftAloneAndReported(t *testing.T) {
	t.Parallel()
	s := newKeyringStand(t)
	s.Write(indexPath, newerIndex)
	unchanged := func(when string) {
		t.Helper()
		if s.Read(indexPath) != newerIndex {
			t.Errorf("%s the index of the newer version is overwritten", when)
		}
	}
	first := s.served(s.Helper("actor"))
	s.eventuallyStored(patience)
	if s.served(s.Helper("actor")).Raw != first.Raw {
		t.Error("the second answer is another session")
	}
	s.fetched(1)
	unchanged("while the daemon serves")
	s.does(current(t), "forget", "actor")
	s.served(s.Helper("actor"))
	s.eventuallyStored(patience)
	s.does(current(t), "daemon", "stop")
	unchanged("after the daemon's end")
	s.newerReported(indexPath)

	state, err := os.ReadDir(filepath.Join(s.Home, filepath.Dir(indexPath)))
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(state, func(e os.DirEntry) bool { return strings.Contains(e.Name(), "sessions") && e.Name() != "sessions.json" }) {
		t.Errorf("another index is left in the state folder: %v", state)
	}
}

// newerReported asserts that the daemon's log has a warning with this text about
// a newer version.
func (w *world) newerReported(about string) {
	w.t.Helper()
	for line := range strings.Lines(w.log()) {
		if strings.Contains(line, "level=WARN") && strings.Contains(line, "newer version") && strings.Contains(line, about) {
			return
		}
	}
	w.t.Errorf("the daemon's log does not report a newer version's %s:\n%s", about, w.log())
}
