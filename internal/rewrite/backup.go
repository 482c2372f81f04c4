package rewrite

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"understudy/internal/atomicfile"
)

const (
	// backupTime sorts as the times do. It is UTC, to the microsecond: two
	// changes of a second are two backups.
	backupTime = "20060102T150405.000000Z"
	// keptBackups is how many backups of a file there are at most.
	keptBackups = 5
)

var backupShape = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\d{8}T\d{6}\.\d{6}Z$`)
})

func backupPrefix(path string) string { return filepath.Base(path) + ".understudy-backup-" }

// Backups returns the backups of the file that path leads to, the oldest first.
// They hold what the file held.
func Backups(path string) ([]string, error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		when, ok := strings.CutPrefix(e.Name(), backupPrefix(target))
		if ok && backupShape().MatchString(when) && e.Type().IsRegular() {
			all = append(all, filepath.Join(filepath.Dir(target), e.Name()))
		}
	}
	slices.Sort(all)
	return all, nil
}

// backUp writes what the file says into a file of its own, which is on the disk
// before anything else happens.
func (f *File) backUp(now time.Time) (string, error) {
	temp, err := f.write(f.text, f.info.Mode().Perm()&0o600, "")
	if err != nil {
		return "", err
	}
	backup := filepath.Join(filepath.Dir(f.path), backupPrefix(f.path)+now.UTC().Format(backupTime))
	if err := os.Rename(temp, backup); err != nil {
		os.Remove(temp)
		return "", err
	}
	_ = atomicfile.SyncDir(filepath.Dir(f.path)) // some file systems cannot
	return backup, nil
}

// prune removes the oldest backups. One that stays too long is no error.
func prune(path string) {
	all, err := Backups(path)
	if err != nil || len(all) <= keptBackups {
		return
	}
	for _, old := range all[:len(all)-keptBackups] {
		os.Remove(old)
	}
}
