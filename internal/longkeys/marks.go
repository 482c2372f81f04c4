package longkeys

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"understudy/internal/atomicfile"
)

// Marks is a file of the state folder that holds a mark for each profile whose
// key is kept. The mark of a key is a hash of its ID, no secret and not the ID
// itself: another key has another mark. What goes wrong with the file costs a
// session fetched anew, never one of another key.
type Marks struct {
	path string
	none string // stands for the key of a profile that has no mark
}

// marksFile is its name in the state folder.
const marksFile = "keys.json"

// maxMarks bounds the file, in bytes.
const maxMarks = 1 << 20

// OpenMarks returns the marks of the state folder. There is none of a profile
// without a key, or when the folder is empty or the file damaged: then Of returns
// one that this process made up, which is nobody else's.
func OpenMarks(dir string) *Marks {
	m := &Marks{none: "none " + rand.Text()}
	if dir != "" {
		m.path = filepath.Join(dir, marksFile)
	}
	return m
}

// Path is the file; empty where there is no state folder.
func (m *Marks) Path() string { return m.path }

// Of returns the mark of a profile's key.
func (m *Marks) Of(profile string) string {
	if mark := m.read()[profile]; mark != "" {
		return mark
	}
	return m.none
}

func mark(id string) string {
	sum := sha256.Sum256([]byte("understudy access key " + id))
	return hex.EncodeToString(sum[:8])
}

type marks struct {
	Version  int               `json:"version"`
	Profiles map[string]string `json:"profiles"`
}

func (m *Marks) read() map[string]string {
	info, err := os.Stat(m.path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(m.path)
	if err != nil {
		return nil
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxMarks))
	var all marks
	if err != nil || json.Unmarshal(content, &all) != nil || all.Version != version {
		return nil
	}
	return all.Profiles
}

// set writes a profile's mark, "" for none, so that a power cut does not bring
// back the one before. It is for whoever holds the Lock.
func (m *Marks) set(profile, mark string) error {
	all := m.read()
	if m.path == "" {
		return errNoFolder
	}
	if all == nil {
		all = map[string]string{}
	}
	all[profile] = mark
	if mark == "" {
		delete(all, profile)
	}
	content, err := json.Marshal(marks{version, all})
	if err != nil {
		return err
	}
	if err := atomicfile.Replace(filepath.Dir(m.path), marksFile, append(content, '\n')); err != nil {
		return fmt.Errorf("note in %s that the key is another: %w", filepath.Dir(m.path), err)
	}
	return nil
}
