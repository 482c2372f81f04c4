package keychain

import (
	"errors"
	"fmt"
	"strings"
)

// items are the raw items of the operating system's keychain, each of limited
// size. A miss is errNoItem.
type items interface {
	get(name string) (string, error)
	set(name, value string) error
	remove(name string) error
}

var errNoItem = errors.New("no such item")

// shelf keeps values of any size as items of at most limit bytes.
//
// The item under the key itself is written last, and its parts on the side that
// the item now there does not use: whoever is killed at any step leaves the old
// value or the new one. Parts are written upwards and removed downwards, so
// that those of a side never have a hole, and what a crash left is found.
type shelf struct {
	items items
	limit int
}

func partName(key, side string, n int) string { return fmt.Sprintf("%s#%s%d", key, side, n) }

// get returns the value under key; it reads one item when that holds it all.
func (s shelf) get(key string) (value string, ok bool, err error) {
	item, err := s.items.get(key)
	if errors.Is(err, errNoItem) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	h, value, err := parseItem(item)
	if err != nil {
		return "", false, err
	}
	if h.parts > 0 {
		if value, err = s.join(key, h); err != nil {
			return "", false, err
		}
	}
	if !h.fits(key, value) {
		return "", false, fmt.Errorf("%w: its checksum is another", ErrTorn)
	}
	return value, true, nil
}

func (s shelf) join(key string, h header) (string, error) {
	var b strings.Builder
	for n := range h.parts {
		part, err := s.items.get(partName(key, h.side, n))
		if errors.Is(err, errNoItem) {
			return "", fmt.Errorf("%w: part %d of %d is missing", ErrTorn, n+1, h.parts)
		}
		if err != nil {
			return "", err
		}
		if b.Len()+len(part) > h.length {
			return "", fmt.Errorf("%w: it is longer than it says", ErrTorn)
		}
		b.WriteString(part)
	}
	return b.String(), nil
}

// set writes value, reads it back, and removes what it replaces.
func (s shelf) set(key, value string) error {
	old, fresh, err := s.current(key)
	if err != nil {
		return err
	}
	h, item := s.plan(key, value, old.side)
	for n := range h.parts {
		part := value[n*s.limit : min((n+1)*s.limit, len(value))]
		if err := s.items.set(partName(key, h.side, n), part); err != nil {
			return err
		}
	}
	if err := s.items.set(key, item); err != nil {
		return err
	}
	got, ok, err := s.get(key)
	if err != nil && !errors.Is(err, ErrTorn) {
		return err
	}
	if !ok || got != value {
		return ErrLost
	}
	if !fresh && old.parts == 0 && h.parts == 0 {
		return nil // one item took the place of one item
	}
	if err := s.sweep(key, h.side, h.parts); err != nil {
		return err
	}
	return s.sweep(key, other(h.side), 0)
}

// current returns the header of what is under key. fresh says that none can be read,
// so that there may be stray parts.
func (s shelf) current(key string) (h header, fresh bool, err error) {
	item, err := s.items.get(key)
	if errors.Is(err, errNoItem) {
		return header{side: "b"}, true, nil
	}
	if err != nil {
		return header{}, false, err
	}
	h, _, err = parseItem(item)
	if err != nil {
		return header{side: "b"}, true, nil
	}
	return h, false, nil
}

// plan decides how value is laid out, given the side in use.
func (s shelf) plan(key, value, side string) (header, string) {
	h := describe(key, value, other(side), 0)
	if item := h.String() + value; len(item) <= s.limit {
		return h, item
	}
	h.parts = (len(value) + s.limit - 1) / s.limit
	return h, h.String()
}

func other(side string) string {
	if side == "a" {
		return "b"
	}
	return "a"
}

// remove takes away the item under key and all parts there are.
func (s shelf) remove(key string) error {
	if err := s.items.remove(key); err != nil && !errors.Is(err, errNoItem) {
		return err
	}
	if err := s.sweep(key, "a", 0); err != nil {
		return err
	}
	return s.sweep(key, "b", 0)
}

// sweep removes the parts of a side from number from on.
func (s shelf) sweep(key, side string, from int) error {
	n := from
	for ; n < maxParts; n++ {
		if _, err := s.items.get(partName(key, side, n)); errors.Is(err, errNoItem) {
			break
		} else if err != nil {
			return err
		}
	}
	for n--; n >= from; n-- {
		if err := s.items.remove(partName(key, side, n)); err != nil && !errors.Is(err, errNoItem) {
			return err
		}
	}
	return nil
}
