package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
)

// damage returns b cut, flipped, grown, shuffled or replaced.
func damage(r *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	at := r.IntN(len(b))
	switch r.IntN(6) {
	case 0:
		return b[:at]
	case 1:
		b[at] ^= 1 << r.IntN(8)
	case 2:
		b[at] = byte(r.IntN(256))
	case 3:
		return append(b[:at:at], b[min(at+1+r.IntN(40), len(b)):]...)
	case 4:
		return append(b[:at:at], append([]byte(strings.Repeat("x", 1+r.IntN(9))), b[at:]...)...)
	case 5:
		for range 16 {
			b[r.IntN(len(b))] = byte(r.IntN(256))
		}
	}
	return b
}

func TestADamagedStoredSessionIsUnusableAndItsErrorQuotesNothing(t *testing.T) {
	whole, err := encode("a", session("a"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 1000 {
		item := damage(r, []byte(whole.Reveal()))
		if n == 0 { // another session's
			other, _ := encode("b", session("b"))
			item = []byte(other.Reveal())
		}
		if string(item) == whole.Reveal() {
			continue
		}
		store := newShop()
		store.values[storeKey("a")] = credential.NewSecret(string(item))
		c := open(t, Config{Store: store})
		got, ok, err := c.Load(t.Context(), "a")
		if ok && same(got, mustDecode(t, whole)) {
			shut(t, c)
			continue // white space or the case of a name: nothing of it is damaged
		}
		wantsMiss(t, c, "a") // and that is remembered
		shut(t, c)
		if ok || !errors.Is(err, ErrUnusable) {
			t.Fatalf("ok %v, err %v of %q", ok, err, item)
		}
		if strings.Contains(err.Error(), "made-up") {
			t.Fatalf("the error shows it: %v", err)
		}
	}
}

func mustDecode(t *testing.T, v credential.Secret) credential.Session {
	t.Helper()
	s, err := decode("a", v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestADamagedIndexCountsAsEmptyAndIsRewritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, indexFile)
	whole, err := formatIndex([]row{{Record: Record{ID: "a", Profiles: []string{"prod"}}}, {Record: Record{ID: "b"}, Gone: true}})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		var log bytes.Buffer
		file := damage(r, whole)
		write(t, path, file)
		x := newIndex(dir, slog.New(slog.NewTextHandler(&log, nil)), func() []row { return nil })
		records := x.read()
		if len(records) == 2 && records[0].Profiles[0] == "prod" && records[1].ID == "b" {
			continue // not damaged where it matters
		}
		if len(records) != 0 || strings.Count(log.String(), "\n") != 1 {
			t.Fatalf("%d records, log %q of %q", len(records), &log, file)
		}
		if x.frozen {
			continue // it looks like a newer version's
		}
		if err := x.pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(path); bytes.Equal(b, file) {
			t.Fatalf("%q was left", file)
		}
	}
}

func TestTheIndexIsWrittenOncePerGapHoweverOftenItChanges(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var uses atomic.Int64
		writes := 0
		x := newIndex(dir, slog.New(slog.DiscardHandler), func() []row {
			return []row{{Record: Record{ID: "a", Source: strconv.FormatInt(uses.Load(), 10)}}}
		})
		x.wrote = func([]row) { writes++ }
		ctx, end := context.WithCancel(t.Context())
		go x.loop.Run(ctx)
		for range 200 { // for 20 s
			uses.Add(1)
			x.changed()
			synctest.Wait()
			time.Sleep(100 * time.Millisecond)
		}
		end()
		synctest.Wait()
		if most := int(20*time.Second/indexGap) + 1; writes > most || writes < most-2 {
			t.Errorf("%d writes in 20 s, want about %d", writes, most-1)
		}
	})
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNotOursIsLeftAlone(t *testing.T) {
	whole, err := formatIndex([]row{{Record: Record{ID: "a"}}})
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Replace(whole, []byte(`"version":1`), []byte(`"version":2`), 1)
	for name, prepare := range map[string]func(path string) error{
		"a newer version's": func(path string) error { return os.WriteFile(path, newer, 0o600) },
		"a link":            func(path string) error { return os.Symlink("elsewhere", path) },
		"a folder":          func(path string) error { return os.MkdirAll(filepath.Join(path, "x"), 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, indexFile)
			if err := prepare(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Lstat(path)
			c := open(t, Config{Dir: dir})
			c.Update(Record{ID: "b"})
			c.Put("b", session("b"))
			_ = c.Flush(t.Context()) // a folder is in the way, and is said to be
			after, err := os.Lstat(path)
			if err != nil || !os.SameFile(before, after) {
				t.Errorf("it was replaced (%v)", err)
			}
			if len(c.Records()) != 1 {
				t.Errorf("records: %v", c.Records())
			}
		})
	}
}

func TestALooseFolderIsNotBelievedButTightened(t *testing.T) {
	dir := t.TempDir()
	planted, err := formatIndex([]row{{Record: Record{ID: "planted"}}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, indexFile), planted)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	c := open(t, Config{Dir: dir})
	if len(c.Records()) != 0 {
		t.Error("a record that anyone may have planted is believed")
	}
	c.Update(Record{ID: "a"})
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, indexFile): 0o600} {
		if f, err := os.Stat(path); err != nil || f.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, f.Mode(), err, want)
		}
	}
}

func TestLeftoversOfACrashAreSwept(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, ".sessions.json.understudy-temp-123")
	other := filepath.Join(dir, "access.log")
	write(t, left, []byte("half"))
	write(t, other, []byte("line"))
	open(t, Config{Dir: dir})
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the leftover stays: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("and another's file went: %v", err)
	}
}

func TestUsesAloneAreWrittenSeldom(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, Config{Dir: dir})
		path := filepath.Join(dir, indexFile)
		c.Update(Record{ID: "a", Profiles: []string{"prod"}})
		time.Sleep(time.Second)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		writes := 0
		for uses := range 600 { // a minute
			c.Update(Record{ID: "a", Profiles: []string{"prod"}, Uses: uses + 1, LastUsedAt: time.Now()})
			time.Sleep(100 * time.Millisecond)
			if b, _ := os.ReadFile(path); !bytes.Equal(b, before) {
				before = b
				writes++
			}
		}
		if writes < 1 || writes > 2 {
			t.Errorf("%d writes in a minute", writes)
		}
		c.Update(Record{ID: "a", Profiles: []string{"prod"}, Uses: 1000})
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(path); !bytes.Contains(b, []byte(`"uses":1000`)) {
			t.Error("Flush left the uses out")
		}
	})
}

func TestADiskThatIsFullCostsNoAnswerAndIsTriedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	write(t, dir, nil) // a file where the folder should be, as good as a full disk
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c := open(t, Config{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
		for n := range 60 {
			c.Update(Record{ID: "a", Uses: n})
			time.Sleep(time.Second)
		}
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if _, err := os.Stat(filepath.Join(dir, indexFile)); err != nil {
			t.Errorf("30 s after there is room: %v", err)
		}
		shut(t, c)
		if n := strings.Count(log.String(), "behind"); n != 1 {
			t.Errorf("%d lines about it:\n%s", n, &log)
		}
	})
}

func FuzzUnseal(f *testing.F) {
	whole, _ := formatIndex([]row{{Record: Record{ID: "a"}}})
	item, _ := encode("a", session("a"))
	f.Add(whole)
	f.Add([]byte(item.Reveal()))
	f.Add([]byte(`{"understudy":"index","version":2,"sum":"","body":null}`))
	f.Add([]byte(`{"understudy":"index","version":1,"sum":"","body":[[[[`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if records, err := parseIndex(b); err == nil {
			again, err := formatIndex(records)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := parseIndex(again); err != nil || fmt.Sprint(back) != fmt.Sprint(records) {
				t.Errorf("%v, %v; want %v", back, err, records)
			}
		}
		if s, err := decode("a", credential.NewSecret(string(b))); err == nil && s.SecretAccessKey.Empty() {
			t.Error("a session without its secret")
		}
	})
}
