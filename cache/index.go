package cache

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

const (
	indexFile = "sessions.json"
	tempFiles = ".sessions-*.tmp"
	indexGap  = 2 * time.Second  // between two writes
	indexLazy = 30 * time.Second // before uses alone are written
)

// index is the rows on disk, from which a restarted daemon learns which sessions
// to go on with. It is of no use without the store, and holds no secret. A nil
// index does nothing.
type index struct {
	dir  string
	log  *slog.Logger
	rows func() []row
	loop *loop

	wrote func([]row) // is called with what is on disk now; nil: no one is

	frozen  bool   // the file on disk is not ours to overwrite; set by read
	written digest // of the file on disk, as far as known; used by the loop only
}

// digest is kept in place of what was written: half a kilobyte per session is too
// much for not writing the same again.
type digest = [sha256.Size]byte

func newIndex(dir string, log *slog.Logger, rows func() []row) *index {
	x := &index{dir: dir, log: log, rows: rows}
	x.loop = newLoop("the index of sessions", indexGap, func(error) time.Duration { return diskWait }, log, x.pass)
	return x
}

func (x *index) changed() {
	if x != nil && !x.frozen {
		x.loop.changed()
	}
}

// urgent is changed for what must not wait for the gap.
func (x *index) urgent() {
	if x != nil && !x.frozen {
		x.loop.changed()
		x.loop.retryNow()
	}
}

// used says that nothing but the uses of a session changed. On a busy machine they
// always do, and no one misses those that a crash loses.
func (x *index) used() {
	if x != nil && !x.frozen {
		x.loop.changedLazily(indexLazy)
	}
}

func (x *index) flush(ctx context.Context) error {
	if x == nil || x.frozen {
		return nil
	}
	return x.loop.flush(ctx)
}

// read returns the rows on disk, and removes temporary files of an earlier crash.
// A damaged index is taken as empty and overwritten. One that is not this user's,
// or that a newer version wrote, is never overwritten: it names files whose
// commands would be run and signed for.
func (x *index) read() []row {
	path := filepath.Join(x.dir, indexFile)
	err := owned(x.dir)
	if err == nil {
		x.sweep()
		err = owned(path)
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(path)
	}
	var rows []row
	if err == nil {
		rows, err = parseIndex(b)
	}
	switch {
	case err == nil:
		x.written = sha256.Sum256(b)
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, errNewer), errors.Is(err, errForeign):
		x.frozen = true
		x.log.Warn("cache: the index of sessions is left alone and kept in memory only", "path", path, "why", err)
	default:
		x.log.Warn("cache: the index of sessions is not usable and counts as empty", "path", path, "why", err)
	}
	return rows
}

// SetAside renames the index in dir, so that the next Open finds none.
func SetAside(dir string) error {
	path := filepath.Join(dir, indexFile)
	err := os.Rename(path, path+".aside")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (x *index) sweep() {
	left, _ := filepath.Glob(filepath.Join(x.dir, tempFiles)) // the pattern is right
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			x.log.Warn("cache: a temporary file stays", "why", err)
		}
	}
}

// parseIndex returns no row twice, and none without an ID.
func parseIndex(b []byte) ([]row, error) {
	body, err := unseal("index", b)
	if err != nil {
		return nil, err
	}
	var rows []row
	if err := json.Unmarshal(body, &rows); err != nil {
		return nil, errDamaged
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if r.ID == "" || seen[r.ID] {
			return nil, errDamaged
		}
		seen[r.ID] = true
	}
	return rows, nil
}

func formatIndex(rows []row) ([]byte, error) {
	body, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	return seal("index", body)
}

func (x *index) pass(context.Context) error {
	rows := x.rows()
	b, err := formatIndex(rows)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(b); sum != x.written {
		if err := replace(x.dir, indexFile, tempFiles, b); err != nil {
			return err
		}
		x.written = sum
	}
	if x.wrote != nil {
		x.wrote(rows)
	}
	return nil
}
