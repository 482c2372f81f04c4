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
