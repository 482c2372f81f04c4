package longkeys

import (
	"bytes"
	"encoding/json"
	"time"

	"understudy/internal/credential"
)

// item is an Entry as it stands in the keychain.
type item struct {
	Version  int        `json:"v"`
	ID       string     `json:"access_key_id"`
	Secret   string     `json:"secret_access_key"`
	Created  *time.Time `json:"created,omitempty"`
	Kept     time.Time  `json:"kept"`
	Account  string     `json:"account,omitempty"`
	User     string     `json:"user,omitempty"`
	Rotation *rotation  `json:"rotation,omitempty"`
}

type rotation struct {
	Since time.Time `json:"since"`
	New   *bare     `json:"new,omitempty"`
	Old   *bare     `json:"old,omitempty"`
}

type bare struct {
	ID      string     `json:"access_key_id"`
	Secret  string     `json:"secret_access_key"`
	Created *time.Time `json:"created,omitempty"`
}

// version is that of item. One of another version is refused: it may say
// something that has to be heeded.
const version = 1

func encode(e Entry) (credential.Secret, error) {
	i := item{
		Version: version, ID: e.ID, Secret: e.Secret.Reveal(), Created: optional(e.Created),
		Kept: e.Kept, Account: e.Account, User: e.User,
	}
	if r := e.Rotation; r != nil {
		i.Rotation = &rotation{Since: r.Since, New: r.New.bare(), Old: r.Old.bare()}
	}
	b, err := json.Marshal(i)
	return credential.NewSecret(string(b)), err
}

// decode reads what encode wrote. Its error is ErrDamaged: a decoder's words may
// quote what it read.
func decode(v credential.Secret) (Entry, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(v.Reveal())))
	d.DisallowUnknownFields()
	var i item
	if err := d.Decode(&i); err != nil || i.Version != version {
		return Entry{}, ErrDamaged
	}
	e := Entry{
		Key:  Key{i.ID, credential.NewSecret(i.Secret), value(i.Created)},
		Kept: i.Kept, Account: i.Account, User: i.User,
	}
	keys := []*Key{&e.Key}
	if r := i.Rotation; r != nil {
		e.Rotation = &Rotation{Since: r.Since, New: r.New.key(), Old: r.Old.key()}
		keys = append(keys, e.Rotation.New, e.Rotation.Old)
	}
	for _, k := range keys {
		if k != nil && Check(*k) != nil {
			return Entry{}, ErrDamaged
		}
	}
	return e, nil
}

func (k *Key) bare() *bare {
	if k == nil {
		return nil
	}
	return &bare{k.ID, k.Secret.Reveal(), optional(k.Created)}
}

func (b *bare) key() *Key {
	if b == nil {
		return nil
	}
	return &Key{b.ID, credential.NewSecret(b.Secret), value(b.Created)}
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func value(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
