package keychain

import (
	"context"
	"slices"
	"strings"
	"testing"

	"understudy/internal/credential"
)

// onShelf is a Store over raw items, as the worker's.
type onShelf struct{ shelf }

func (s onShelf) Get(_ context.Context, key string) (credential.Secret, bool, error) {
	v, ok, err := s.get(key)
	return credential.NewSecret(v), ok, err
}

func (s onShelf) Set(_ context.Context, key string, v credential.Secret) error {
	return s.set(key, v.Reveal())
}

func (s onShelf) Delete(_ context.Context, key string) error { return s.remove(key) }

// A name is somebody else's choice: none may stand for a part of another's item.
func TestAnItemWhoseNameLooksLikeAPartOfAnotherStaysWhole(t *testing.T) {
	c := Collection{Store: onShelf{shelf{items: newDrawer(), limit: 200}}, Kind: "kind"}
	names := []string{"a", "a#a0", "a#b0", "a%23a0"}
	for _, name := range names {
		if err := c.Put(t.Context(), name, credential.NewSecret(strings.Repeat(name, 90))); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range names {
		for _, left := range names[i:] {
			if v, ok, err := c.Get(t.Context(), left); !ok || err != nil || v.Reveal() != strings.Repeat(left, 90) {
				t.Errorf("%q with %q: ok %v, err %v", left, names[i:], ok, err)
			}
		}
		if was, err := c.Remove(t.Context(), name); !was || err != nil {
			t.Errorf("remove %q: was %v, err %v", name, was, err)
		}
		if got, err := c.Names(t.Context()); err != nil || !slices.Equal(got, names[i+1:]) {
			t.Errorf("without %q: %q, err %v", names[:i+1], got, err)
		}
	}
}

// An earlier version keeps a list of keys, one in a line, and adds to what it finds.
// An earlier version takes each line of the list for a key.
func TestAnEarlierVersionCanRemoveEverySignIn(t *testing.T) {
	c := Collection{Store: onShelf{shelf{items: newDrawer(), limit: 200}}, Kind: "sso:all", Prefix: "sso:"}
	for _, name := range []string{"a", "b"} {
		if err := c.Put(t.Context(), name, credential.NewSecret("x")); err != nil {
			t.Fatal(err)
		}
	}
	list, _, err := c.Store.Get(t.Context(), c.Kind)
	if got := strings.Join(strings.Fields(list.Reveal()), " "); err != nil || got != "sso:a sso:b" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTheListOutlivesAnEarlierVersion(t *testing.T) {
	c := Collection{Store: onShelf{shelf{items: newDrawer(), limit: 200}}, Kind: "sso:all", Prefix: "sso:"}
	for list, want := range map[string]string{
		"sso:a\nsso:b":              "a b",
		`["a","b"]` + "\nsso:c":     "a b c",
		`["a","b"]` + "\nsso:b":     "a b",
		`["a","b"`:                  "",
		`{"a":1}` + "\nsso:c":       "c",
		"":                          "",
		`["a"]` + "\n" + `["b"]x y`: "a",
	} {
		if err := c.Store.Set(t.Context(), c.Kind, credential.NewSecret(list)); err != nil {
			t.Fatal(err)
		}
		names, err := c.Names(t.Context())
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%q: %q, %v", list, got, err)
		}
	}
}
