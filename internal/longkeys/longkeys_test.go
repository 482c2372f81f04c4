package longkeys

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/keychain/keyringtest/drawer"
)

const madeUpSecret = "CanaryXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

func key(id string) Key {
	return Key{ID: id, Secret: credential.NewSecret(madeUpSecret + id), Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func entry(id string) Entry {
	return Entry{Key: key(id), Kept: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC),
		Account: "111111111111", User: "arn:aws:iam::111111111111:user/alice"}
}

func open(t *testing.T) (Keys, *drawer.Drawer) {
	d := drawer.New()
	return Keys{d, OpenMarks(t.TempDir())}, d
}

func put(t *testing.T, k Keys, profile string, e Entry) {
	t.Helper()
	if err := k.Put(t.Context(), profile, e); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsPutIsHadAgainWithBothKeysOfARotation(t *testing.T) {
	k, _ := open(t)
	next, last := key("AKIANEXT"), key("AKIALAST")
	last.Created = time.Time{}
	for _, rotation := range []*Rotation{nil, {Since: time.Unix(5, 0).UTC()}, {New: &next}, {Old: &last}} {
		e := entry("AKIAIOSFODNN7EXAMPLE")
		e.Rotation = rotation
		put(t, k, "alice", e)
		got, ok, err := k.Get(t.Context(), "alice")
		if !ok || err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("with %+v: %+v, ok %v, err %v", rotation, got, ok, err)
		}
	}
	if _, ok, err := k.Get(t.Context(), "bob"); ok || err != nil {
		t.Errorf("of nobody: ok %v, err %v", ok, err)
	}
}

func TestKeysAreListedAndRemovedByProfileAndADamagedOneToo(t *testing.T) {
	k, d := open(t)
	for _, profile := range []string{"bob", "alice", "carol", "dave", "eve"} {
		put(t, k, profile, entry("AKIA"+strings.ToUpper(profile)))
	}
	d.Sick[k.items().Key("carol")] = fmt.Errorf("%w: cut", keychain.ErrTorn)
	d.Items[k.items().Key("dave")] = `{"v":2,"access_key_id":"` + madeUpSecret + `"}`
	d.Items[k.items().Key("eve")] = `{"v":1,"access_key_id":"AKIAEVE","secret_access_key":"` + madeUpSecret + `\n"}`
	all, err := k.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range all {
		got = append(got, fmt.Sprint(one.Profile, " ", one.ID, " ", one.Damaged))
	}
	if want := "alice AKIAALICE false|bob AKIABOB false|carol  true|dave  true|eve  true"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, profile := range []string{"alice", "bob", "carol", "dave", "eve"} {
		for _, want := range []bool{true, false} {
			if was, err := k.Remove(t.Context(), profile); was != want || err != nil {
				t.Errorf("remove %s: was %v, err %v", profile, was, err)
			}
		}
	}
	if len(d.Items) != 0 {
		t.Errorf("left behind: %d items", len(d.Items))
	}
}

func TestAnotherKeyHasAnotherMarkAndTheSameOneTheSame(t *testing.T) {
	k, _ := open(t)
	none := k.Marks.Of("alice")
	seen := map[string]string{none: "none"}
	for _, id := range []string{"AKIAONE", "AKIATWO"} {
		put(t, k, "alice", entry(id))
		m := k.Marks.Of("alice")
		if was, known := seen[m]; known {
			t.Errorf("%s has the mark of %s", id, was)
		}
		seen[m] = id
		e := entry(id)
		e.Rotation = &Rotation{}
		put(t, k, "alice", e)
		if k.Marks.Of("alice") != m {
			t.Errorf("%s has another mark in the middle of a rotation", id)
		}
	}
	put(t, k, "bob", entry("AKIATWO"))
	if k.Marks.Of("bob") != k.Marks.Of("alice") {
		t.Error("one key has two marks")
	}
	if _, err := k.Remove(t.Context(), "alice"); err != nil || k.Marks.Of("alice") != none {
		t.Errorf("a mark without a key; err %v", err)
	}
	content, err := os.ReadFile(k.Marks.Path())
	if err != nil || strings.Contains(string(content), "AKIA") {
		t.Errorf("%s, err %v: it holds the ID", content, err)
	}
}

// Whoever is killed in the middle leaves neither a key that nobody can find nor
// the mark of another key.
func TestNoKeyIsKeptUnlistedOrUnderTheMarkOfAnother(t *testing.T) {
	for name, step := range map[string]func(Keys) error{
		"add":     func(k Keys) error { return k.Put(t.Context(), "bob", entry("AKIABOB")) },
		"replace": func(k Keys) error { return k.Put(t.Context(), "alice", entry("AKIATWO")) },
		"remove":  func(k Keys) error { _, err := k.Remove(t.Context(), "alice"); return err },
	} {
		for left := 1; ; left++ {
			k, d := open(t)
			put(t, k, "alice", entry("AKIAONE"))
			d.Left = left
			err := step(k)
			if d.Left = 0; err == nil {
				if left < 4 {
					t.Errorf("%s: nothing went wrong with %d calls", name, left)
				}
				break
			}
			all, err := k.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			listed := 0
			for _, one := range all {
				listed++
				if m := k.Marks.Of(one.Profile); m != mark(one.ID) && m != k.Marks.none {
					t.Errorf("%s, dead at call %d: %s is under the mark of another", name, left, one.Profile)
				}
			}
			for item := range d.Items {
				if strings.HasPrefix(item, "keys/") {
					listed--
				}
			}
			if listed != 0 {
				t.Errorf("%s, dead at call %d: a key is not listed", name, left)
			}
		}
	}
}

func TestASickKeychainAndAFolderThatCannotBeWrittenAreSaid(t *testing.T) {
	k, d := open(t)
	put(t, k, "alice", entry("AKIAONE"))
	d.Sick["keys/alice"], d.Sick["keys"] = keychain.ErrLocked, keychain.ErrLocked
	_, _, get := k.Get(t.Context(), "alice")
	_, remove := k.Remove(t.Context(), "alice")
	_, list := k.List(t.Context())
	for what, err := range map[string]error{"get": get, "remove": remove, "list": list, "put": k.Put(t.Context(), "bob", entry("AKIABOB"))} {
		if !errors.Is(err, keychain.ErrLocked) {
			t.Errorf("%s: %v", what, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file} {
		d := drawer.New()
		bare := Keys{d, OpenMarks(dir)}
		if err := bare.Put(t.Context(), "alice", entry("AKIAONE")); err == nil || len(d.Items) != 0 {
			t.Errorf("folder %q: err %v, %d items", dir, err, len(d.Items))
		}
		if _, err := Lock(dir); err == nil {
			t.Errorf("folder %q can be locked", dir)
		}
	}
}

// loses is a keychain that says it has kept what it has not.
type loses struct{ *drawer.Drawer }

func (loses) Set(context.Context, string, credential.Secret) error { return nil }

func TestAWriteThatTheKeychainLosesIsFound(t *testing.T) {
	k := Keys{loses{drawer.New()}, OpenMarks(t.TempDir())}
	if err := k.Put(t.Context(), "alice", entry("AKIAONE")); !errors.Is(err, keychain.ErrLost) {
		t.Errorf("err %v", err)
	}
}

func TestMarksThatAreDamagedStandForNoKey(t *testing.T) {
	dir := t.TempDir()
	k := Keys{drawer.New(), OpenMarks(dir)}
	put(t, k, "alice", entry("AKIAONE"))
	good := k.Marks.Of("alice")
	for _, text := range []string{"", "{", `{"version":9,"profiles":{"alice":"` + good + `"}}`, `[]`} {
		if err := os.WriteFile(k.Marks.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, other := OpenMarks(dir).Of("alice"), OpenMarks(dir).Of("alice"); got == good || got == other {
			t.Errorf("%q: a mark that means something", text)
		}
	}
	put(t, k, "alice", entry("AKIAONE"))
	if k.Marks.Of("alice") != good {
		t.Error("the mark is not set anew")
	}
}

func TestOneAtATimeChangesKeys(t *testing.T) {
	dir := t.TempDir()
	unlock, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrBusy) {
		t.Errorf("a second one: %v", err)
	}
	unlock()
	again, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestWhatIsNoLongLivedKeyIsRefusedWithoutBeingQuoted(t *testing.T) {
	for _, c := range []struct {
		id, secret string
		want       error
	}{
		{"AKIAIOSFODNN7EXAMPLE", madeUpSecret, nil},
		{"", madeUpSecret, errNoID},
		{madeUpSecret, "AKIAIOSFODNN7EXAMPLE", errNoID}, // the two mixed up
		{"AKIA IOSF", madeUpSecret, errNoID},
		{strings.Repeat("A", 129), madeUpSecret, errNoID},
		{"ASIAIOSFODNN7EXAMPLE", madeUpSecret, errTemporary},
		{"AKIAIOSFODNN7EXAMPLE", "", errNoSecret},
		{"AKIAIOSFODNN7EXAMPLE", madeUpSecret + " ", errNoSecret},
		{"AKIAIOSFODNN7EXAMPLE", madeUpSecret + "\u00e9", errNoSecret},
		{"AKIAIOSFODNN7EXAMPLE", strings.Repeat("x", 513), errNoSecret},
	} {
		err := Check(Key{ID: c.id, Secret: credential.NewSecret(c.secret)})
		if !errors.Is(err, c.want) || err != nil && strings.Contains(err.Error(), "Canary") {
			t.Errorf("%q: err %v, want %v", c.id, err, c.want)
		}
	}
}

func TestAKeyIsNotPrinted(t *testing.T) {
	e := entry("AKIAIOSFODNN7EXAMPLE")
	e.Rotation = &Rotation{New: &e.Key}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, v := range []any{e, &e, e.Key, *e.Rotation, Listed{Entry: e}} {
			if text := fmt.Sprintf(format, v); strings.Contains(text, "Canary") || strings.Contains(text, fmt.Sprintf("%x", "Canary")) {
				t.Errorf("%s of %T: %s", format, v, text)
			}
		}
	}
}

func FuzzAnItemIsReadWholeOrRefused(f *testing.F) {
	e := entry("AKIAIOSFODNN7EXAMPLE")
	for _, r := range []*Rotation{nil, {Since: time.Unix(5, 0)}, {New: &e.Key}, {Old: &e.Key}} {
		e.Rotation = r
		v, err := encode(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(v.Reveal())
	}
	for _, text := range []string{"", "{}", "null", `{"v":1}`, `{"v":1,"access_key_id":"A","secret_access_key":"B","rotation":{"new":{}}}`, `{"v":1,"more":2}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := decode(credential.NewSecret(text))
		if err != nil {
			if !errors.Is(err, ErrDamaged) || e.ID != "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		v, err := encode(e)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if again, err := decode(v); err != nil || !reflect.DeepEqual(again, e) {
			t.Fatalf("%q: what is written reads otherwise, err %v", text, err)
		}
	})
}
