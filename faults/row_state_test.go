//go:build linux

package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"understudy/internal/keychain/keyringtest"
)

// damaged is row 2.
func damaged(t *trial) {
	t.parallel(map[string]func(*trial){"index": damagedIndex, "item": damagedItem})
}

// damages returns b with one kind of damage, and the name of the damage.
func damages(r *rand.Rand, b []byte) (string, []byte) {
	b = slices.Clone(b)
	switch r.IntN(6) {
	case 0:
		return "cut", b[:r.IntN(len(b))]
	case 1:
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return "a bit flipped", b
	case 2:
		return "of a newer version", bytes.Replace(b, []byte(`"version":1`), []byte(`"version":7`), 1)
	case 3:
		return "another's", []byte(`{"name":"something else","items":[1,2,3]}`)
	case 4:
		return "a hole", bytes.Repeat([]byte{0}, len(b))
	}
	return "doubled", append(b, b...)
}

func damagedIndex(t *trial) {
	w, _ := t.world().withKeyring()
	w.warm()
	w.storedWithin(10 * time.Second)
	w.stop()
	path := filepath.Join(w.state(), "sessions.json")
	good, err := os.ReadFile(path)
	t.must(err)
	r := rand.New(rand.NewPCG(2, 1))
	for range t.size(60, 500) {
		what, b := damages(r, good)
		t.must(os.WriteFile(path, b, 0o600))
		t.must(os.Chown(path, int(w.uid()), int(w.uid())))
		said := w.logged()
		w.start()
		o := w.ask(actor)
		t.check(served(o))
		lines := strings.Count(w.since(said), "the index of sessions is")
		intact := lines == 0 && w.session(actor).Fetches > 0
		t.checkf(lines == 1 || intact, "an index that is %s (%d bytes) makes %d lines of log", what, len(b), lines)
		w.stop()
		if what == "of a newer version" {
			now, _ := os.ReadFile(path)
			t.checkf(bytes.Equal(now, b), "the index of a newer version was written over")
		}
	}
	w.start()
}

func damagedItem(t *trial) {
	w, fake := t.world().withFake(keyringtest.Mood{})
	o := w.warm()
	r := rand.New(rand.NewPCG(2, 2))
	for range t.size(60, 500) {
		w.storedWithin(10 * time.Second)
		what := ""
		fake.Change(func(b []byte) (out []byte) {
			what, out = damages(r, b)
			return out
		})
		said := w.logged()
		w.again()
		before := o
		o = w.ask(actor)
		t.check(served(o))
		lines := strings.Count(w.since(said), "a stored session is not usable")
		t.checkf(lines == 1 && o.Stdout != before.Stdout || lines == 0 && o.Stdout == before.Stdout, "an item that is %s makes %d lines of log", what, lines)
	}
}

func (w *world) uid() uint32 {
	if w.root {
		return guest
	}
	return uint32(os.Getuid())
}

// sickDisk is row 3.
func sickDisk(t *trial) {
	t.parallel(map[string]func(*trial){"full": fullDisk, "read only": readOnlyDisk, "broken": brokenDisk})
}

// ownDisk makes a world whose state folder is a small file system.
func (t *trial) ownDisk() *world {
	w := t.world()
	w.in = t.enclose("a file system of its own", unix.CLONE_NEWNS)
	t.must(os.MkdirAll(w.state(), 0o700))
	w.give()
	var err error
	w.inside(func() {
		if err = unix.Mount("none", w.state(), "tmpfs", 0, "size=256k,mode=0700"); err == nil {
			err = os.Chown(w.state(), int(w.uid()), int(w.uid()))
		}
	})
	t.must(err)
	w.StopSTS()
	w.ServeSTS(w.STS)
	w.profiles(append(names("cold", 100), actor)...)
	w.start()
	return w
}

// lives asks for a minute while the disk fails, for sessions in memory and
// for new ones, and returns the profile that was fetched last.
func (w *world) lives(what string) (last string) {
	began := time.Now()
	for n := 0; n < 100 && time.Since(began) < time.Duration(w.size(25, 60))*time.Second; n++ {
		last = fmt.Sprintf("cold%d", n)
		for _, name := range []string{last, actor} {
			o := w.ask(name)
			w.most("answer", o.Took)
			if err := served(o); err != nil {
				w.check(fmt.Errorf("%s: %w", what, err))
				continue
			}
			w.check(nil)
		}
		time.Sleep(250 * time.Millisecond)
	}
	return last
}

// written waits until the index has a profile.
func (w *world) written(profile string, within time.Duration) {
	took := w.eventually(within, "the index is written", func() (is bool) {
		w.inside(func() {
			text, _ := os.ReadFile(filepath.Join(w.state(), "sessions.json"))
			is = bytes.Contains(text, []byte(`"`+profile+`"`)) && json.Valid(text)
		})
		return is
	})
	w.most("written after", took)
}

func fullDisk(t *trial) {
	w := t.ownDisk()
	w.warm()
	w.written(actor, 10*time.Second)
	filler := filepath.Join(w.state(), "filler")
	var f *os.File
	var err error
	w.inside(func() { f, err = os.Create(filler) })
	t.must(err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	f.Close()
	last := w.lives("a full disk")
	w.inside(func() { err = os.Remove(filler) })
	t.must(err)
	w.written(last, 30*time.Second)
}

func readOnlyDisk(t *trial) {
	w := t.ownDisk()
	w.warm()
	w.written(actor, 10*time.Second)
	// Only the rename fails: the disk cannot be made read-only, because the log is open.
	mend := w.inject("renameat:error=EROFS")
	last := w.lives("a rename that is refused")
	mend()
	w.written(last, 30*time.Second)
}

func brokenDisk(t *trial) {
	w := t.ownDisk()
	w.warm()
	w.written(actor, 10*time.Second)
	mend := w.inject("fsync:error=EIO")
	last := w.lives("an fsync that fails")
	mend()
	w.written(last, 30*time.Second)
}
