package keychain

import (
	"errors"

	"github.com/zalando/go-keyring"
)

// service is the name all items go by.
const service = "understudy"

// library is go-keyring. What it says of an error is put into words of ours:
// its own may quote what it was given.
type library struct {
	explain func(error) error
}

func (l library) get(name string) (string, error) {
	v, err := keyring.Get(service, name)
	return v, l.error(err)
}

func (l library) set(name, value string) error {
	return l.error(keyring.Set(service, name, value))
}

func (l library) remove(name string) error {
	return l.error(keyring.Delete(service, name))
}

var errItemTooBig = errors.New("an item is too big for the keychain")

func (l library) error(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return errNoItem
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return errItemTooBig
	}
	return l.explain(err)
}
