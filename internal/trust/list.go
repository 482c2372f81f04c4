package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Entry is one file that a person allowed.
type Entry struct {
	Path   string    `json:"path"`   // absolute and clean, as it was named
	SHA256 string    `json:"sha256"` // of the content allowed, in hex
	Added  time.Time `json:"added"`  // UTC
}

// List is the allowed files, kept in one file of the state folder that every
// process of the user shares: the people's command writes it, the daemon reads
// it again when it has changed. It is safe for concurrent use; of two processes
// that write at the same instant the later wins.
type List struct {
	dir string

	mu   sync.Mutex
	seen fs.FileInfo // of the file that held was read from; nil when it was missing
	told fs.FileInfo // what Changed saw last
	held []Entry     // never changed in place
}

// Open returns the list kept in dir. It reads nothing yet; a folder or file
// that is missing is an empty list.
func Open(dir string) *List { return &List{dir: dir} }

// errNowhere keeps a list from being read out of the working folder, which may
// be anybody's.
var errNowhere = errors.New("the state folder is not an absolute path")

// ErrList is what is wrong with the list itself, or with its folder, and not with
// a file that is to be on it.
var ErrList = errors.New("the list of trusted files")

// Entries returns the allowed files, by path.
func (l *List) Entries() ([]Entry, error) {
	if !filepath.IsAbs(l.dir) {
		return nil, errNowhere
	}
	info, err := os.Lstat(l.file())
	if errors.Is(err, fs.ErrNotExist) {
		l.keep(nil, nil)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	l.mu.Lock()
	seen, held := l.seen, l.held
	l.mu.Unlock()
	if seen != nil && unchanged(seen, info) {
		return slices.Clone(held), nil
	}
	info, held, err = load(l.file())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	l.keep(info, held)
	return slices.Clone(held), nil
}

// Changed reports whether the list is another than at the last call, the first
// call aside: what was allowed then may not be any more. It costs one stat.
func (l *List) Changed() bool {
	info, err := os.Lstat(l.file())
	if err != nil {
		info = nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.told
	l.told = info
	switch {
	case before == nil || info == nil:
		return before != info
	default:
		return !unchanged(before, info)
	}
}

// Add allows the file at path as it stands now, in place of what was allowed
// there before. The file must be a regular one, owned by this user and
// writable by nobody else, since anyone else could change it before a person
// has looked.
func (l *List) Add(path string) (Entry, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Entry{}, err
	}
	content, _, err := readOwn(path, maxConfig)
	if err != nil {
		return Entry{}, err
	}
	entries, err := l.Entries()
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Path: path, SHA256: digest(content), Added: time.Now().UTC().Truncate(time.Second)}
	entries = append(without(entries, path), e)
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return e, l.save(entries)
}

// Remove takes the file at path off the list; one that is not on it is no
// error.
func (l *List) Remove(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	entries, err := l.Entries()
	if err != nil {
		return err
	}
	rest := without(entries, path)
	if len(rest) == len(entries) {
		return nil
	}
	return l.save(rest)
}

func (l *List) file() string { return filepath.Join(l.dir, fileName) }

func (l *List) save(entries []Entry) error {
	if err := save(l.dir, entries); err != nil {
		return fmt.Errorf("%w: %w", ErrList, err)
	}
	return nil
}

func (l *List) keep(info fs.FileInfo, held []Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen, l.held = info, held
}

func without(entries []Entry, path string) []Entry {
	return slices.DeleteFunc(entries, func(e Entry) bool { return samePath(e.Path, path) })
}

// unchanged reports whether a and b are the same file with the same content,
// as far as a stat can tell. Every write makes a new file, so that the identity
// changes even when the clock stands still.
func unchanged(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
