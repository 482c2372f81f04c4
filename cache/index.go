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

	"understudy/internal/atomicfile"
	"understudy/internal/writebehind"
)

const (
	indexFile  = "sessions.json"
	indexGap   = 2 * time.Second  // least time between two writes
	indexLazy  = 30 * time.Second // delay if only uses changed
	indexRetry = 20 * time.Second // longest back-off: a full disk may soon have space
)

// index is the list of rows on disk, from which a restarted daemon learns which
// sessions the store has. It is useless without the store, and holds no secret. A
// nil index does nothing.
type index struct {
	dir  string
	log  *slog.Logger
	rows func() []row
	loop *writebehind.Loop

	wrote func([]row) // called with the rows that are on disk now; may be nil

	frozen  bool   // the file must not be overwritten; set by read
	written digest // of the file, as last read or written; used by the loop only
}

// digest is kept instead of the content, which is half a kilobyte per session, to
// avoid writing the same content again.
type digest = [sha256.Size]byte

func newIndex(dir string, log *slog.Logger, rows func() []row) *index {
	x := &index{dir: dir, log: log, rows: rows}
	x.loop = writebehind.New(writebehind.Config{
		Name: "cache: the index of sessions", Pass: x.pass, Gap: indexGap, Log: log,
		Longest: func(error) time.Duration { return indexRetry },
	})
	return x
}

func (x *index) changed() {
	if x != nil && !x.frozen {
		x.loop.Changed()
	}
}

// urgent is changed without the wait for indexGap.
func (x *index) urgent() {
	if x != nil && !x.frozen {
		x.loop.Changed()
		x.loop.RetryNow()
	}
}

// used reports that only the uses of a session changed. On a busy machine they change
// all the time, and it does not matter if a crash loses some.
func (x *index) used() {
	if x != nil && !x.frozen {
		x.loop.ChangedLazily(indexLazy)
	}
}

func (x *index) flush(ctx context.Context) error {
	if x == nil || x.frozen {
		return nil
	}
	return x.loop.Flush(ctx)
}

// read returns the rows on disk, and removes temporary files of an earlier crash.
//
// An index that is damaged, or that others may write to, is treated as empty and
// overwritten. One that is not this user's, or that a newer version wrote, is treated
// as empty and never overwritten. A forged index would be dangerous: it names
// configuration files, whose commands are run for a renewal.
func (x *index) read() []row {
	path := filepath.Join(x.dir, indexFile)
	err := own(x.dir)
	if err == nil {
		atomicfile.Sweep(path, 0) // no other process writes it: the daemon holds the lock
		err = own(path)
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
	case errors.Is(err, errNewer), errors.Is(err, atomicfile.ErrForeign):
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

// own returns an error unless the file or folder at path is this user's own.
func own(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	return atomicfile.Own(info)
}

// parseIndex rejects an index with a duplicate ID, or a row without one.
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
		if err := atomicfile.Replace(x.dir, indexFile, b); err != nil {
			return err
		}
		x.written = sum
	}
	if x.wrote != nil {
		x.wrote(rows)
	}
	return nil
}
