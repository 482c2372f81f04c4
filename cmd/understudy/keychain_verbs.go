package main

import (
	"context"
	"errors"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/longkeys"
	"understudy/internal/settings"
	"understudy/internal/wire"
)

// keychainLimit is how long a call of the keychain may take in a verb: its owner
// sits before it and may have to unlock it.
const keychainLimit = time.Minute

// secretKind is a kind of secret that verbs keep in the keychain, for messages.
type secretKind struct {
	a       string // "a seed"
	list    string // the verb that lists them
	instead string // what can be done without a keychain: ", or ..."
}

// onKeychain works on the keychain itself, through a worker as the daemon's: what
// is kept for ever has no business on the socket.
func onKeychain(kind secretKind, do func(*keychain.Keychain) error) error {
	set, err := settings.Load()
	if err != nil {
		return err
	}
	if set.Store == settings.StoreMemory {
		return &wire.Error{Code: wire.BadConfig, Message: "the settings keep nothing in the keychain: store = memory",
			Hint: kind.a + " is kept in the keychain and nowhere else; set store = auto" + kind.instead}
	}
	k := keychain.New(keychain.Config{CallDeadline: keychainLimit})
	defer k.Close()
	return kind.explain(do(k))
}

// explain puts what a keychain says into a code and a hint.
func (kind secretKind) explain(err error) error {
	e := &wire.Error{Code: wire.Temporary, Hint: "try again; see also: understudy status"}
	switch {
	case err == nil, errors.As(err, new(*wire.Error)), errors.As(err, new(*credential.Failure)):
		return err
	case errors.Is(err, context.Canceled):
		e.Code, e.Message, e.Hint = wire.LoginNeeded, "stopped before it was done", "run it again, or see: "+kind.list
		return e
	case errors.Is(err, keychain.ErrLocked):
		e.Code, e.Hint = wire.LoginNeeded, "unlock the keychain, then run it again"
	case errors.Is(err, keychain.ErrAbsent):
		e.Code, e.Hint = wire.BadConfig, kind.a+" is kept in the keychain and nowhere else; start one"+kind.instead
	case errors.Is(err, longkeys.ErrBusy):
		e.Hint = "wait until it is done, then run it again"
	case errors.Is(err, longkeys.ErrDamaged):
		e.Code, e.Hint = wire.BadConfig, "remove them, and keep the key anew: understudy keys remove; understudy keys add"
	}
	e.Message = err.Error()
	return e
}
