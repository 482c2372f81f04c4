package keychain

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"understudy/internal/credential"
)

// Store keeps secrets across restarts: a Keychain, or in tests a drawer. A miss is
// ok == false with a nil error. Each call returns when ctx ends.
type Store interface {
	Get(ctx context.Context, key string) (v credential.Secret, ok bool, err error)
	Set(ctx context.Context, key string, v credential.Secret) error
	Delete(ctx context.Context, key string) error
}

// Collection is the items of one kind that Store keeps, each under its name.
//
// A keychain does not tell what it holds, so an item of its own lists the names.
// The list is written before an item is written, and after one is removed: a
// crash in between leaves a name without an item, never an item without a name.
type Collection struct {
	Store  Store
	Kind   string // the key of the list
	Prefix string // of every item's key; "" means Kind and a slash
}

func (c Collection) prefix() string { return cmp.Or(c.Prefix, c.Kind+"/") }

// Key is the key of an item. What tells the parts of a value apart is kept out
// of it.
func (c Collection) Key(name string) string {
	return c.prefix() + strings.NewReplacer("%", "%25", "#", "%23").Replace(name)
}

// Get returns the item of that name.
func (c Collection) Get(ctx context.Context, name string) (v credential.Secret, ok bool, err error) {
	return c.Store.Get(ctx, c.Key(name))
}

// Put keeps an item in place of the one before.
func (c Collection) Put(ctx context.Context, name string, v credential.Secret) error {
	names, err := c.Names(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(names, name) {
		if err := c.list(ctx, append(names, name)); err != nil {
			return err
		}
	}
	return c.Store.Set(ctx, c.Key(name), v)
}

// Remove takes an item away; was is false when there was none. One that is
// damaged was there.
func (c Collection) Remove(ctx context.Context, name string) (was bool, err error) {
	_, was, err = c.Get(ctx, name)
	was = was || errors.Is(err, ErrTorn)
	if err := c.Store.Delete(ctx, c.Key(name)); err != nil { // which says what is wrong with the keychain, too
		return false, err
	}
	names, err := c.Names(ctx)
	if err != nil {
		return was, err
	}
	rest := slices.DeleteFunc(slices.Clone(names), func(one string) bool { return one == name })
	if len(rest) == len(names) {
		return was, nil
	}
	return was, c.list(ctx, rest)
}

// Names returns the names that are listed, sorted; one may have no item. A list
// that is damaged counts as empty: what it named is used still, and can be
// removed by name.
func (c Collection) Names(ctx context.Context) ([]string, error) {
	v, ok, err := c.Store.Get(ctx, c.Kind)
	if err != nil && !errors.Is(err, ErrTorn) {
		return nil, err
	}
	if !ok {
		return nil, nil
	}
	names := namesIn(v.Reveal(), c.prefix())
	slices.Sort(names)
	return names, nil
}

// namesIn reads a list: names in JSON, one key per line, or both. Sign-ins have lines,
// so that an earlier version can still remove them all.
func namesIn(list, prefix string) []string {
	var names []string
	decoder := json.NewDecoder(strings.NewReader(list))
	if decoder.Decode(&names) == nil {
		list = list[decoder.InputOffset():]
	} else {
		names = nil
	}
	for key := range strings.FieldsSeq(list) {
		if name, ok := strings.CutPrefix(key, prefix); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (c Collection) list(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return c.Store.Delete(ctx, c.Kind)
	}
	if c.Prefix != "" {
		return c.Store.Set(ctx, c.Kind, credential.NewSecret(c.prefix()+strings.Join(names, "\n"+c.prefix())))
	}
	b, err := json.Marshal(names)
	if err != nil {
		return err
	}
	return c.Store.Set(ctx, c.Kind, credential.NewSecret(string(b)))
}
