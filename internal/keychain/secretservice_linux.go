package keychain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/godbus/dbus/v5"

	"understudy/internal/sessionbus"
)

const (
	busName      = "org.freedesktop.secrets"
	servicePath  = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath    = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	serviceIface = "org.freedesktop.Secret.Service"
	collIface    = "org.freedesktop.Secret.Collection"
	propertyGet  = "org.freedesktop.DBus.Properties.Get"
)

// secretService asks the Secret Service itself, before the library is let near
// it: the library would wait for an activation or a prompt without limit, and
// where no bus is known it would start one.
type secretService struct {
	conn       *dbus.Conn      // the library's own: what is true of it is true for the library
	collection dbus.ObjectPath // the one that the library uses
}

// check reports ErrAbsent, ErrLocked, errGone, or nil.
func (s *secretService) check(ctx context.Context) error {
	if err := s.connect(); err != nil {
		return err
	}
	locked, err := s.locked(ctx)
	if err != nil {
		if locked, err = s.find(ctx); err != nil {
			return err
		}
	}
	if locked {
		return ErrLocked
	}
	return nil
}

func (s *secretService) connect() error {
	if s.conn != nil {
		if !s.conn.Connected() {
			return errGone
		}
		return nil
	}
	address, err := sessionbus.Address(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), sessionbus.Runtime())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	// The library looks there for it, and never further.
	if err := os.Setenv("DBUS_SESSION_BUS_ADDRESS", address); err != nil {
		return err
	}
	if s.conn, err = dbus.SessionBus(); err != nil {
		return fmt.Errorf("%w: D-Bus does not answer", ErrAbsent)
	}
	return nil
}

// locked is one call: of the collection found before.
func (s *secretService) locked(ctx context.Context) (locked bool, err error) {
	if s.collection == "" {
		return false, errNoItem
	}
	err = s.property(ctx, s.collection, collIface, "Locked", &locked)
	return locked, err
}

// find looks for the service, starts it where D-Bus can, and chooses the
// collection as the library does: login, else the default one.
func (s *secretService) find(ctx context.Context) (locked bool, err error) {
	s.collection = ""
	var all []dbus.ObjectPath
	err = s.property(ctx, servicePath, serviceIface, "Collections", &all)
	if unowned(err) {
		if err := s.activate(ctx); err != nil {
			return false, err
		}
		err = s.property(ctx, servicePath, serviceIface, "Collections", &all)
	}
	if err != nil {
		return false, s.blame(ctx, err)
	}
	chosen := loginPath
	if !slices.Contains(all, loginPath) {
		call := s.conn.Object(busName, servicePath).CallWithContext(ctx, serviceIface+".ReadAlias", dbus.FlagNoAutoStart, "default")
		if err := call.Store(&chosen); err != nil {
			return false, s.blame(ctx, err)
		}
		if chosen == "/" || chosen == "" {
			return false, fmt.Errorf("%w: the Secret Service has no collection to keep anything in", ErrAbsent)
		}
	}
	s.collection = chosen
	if locked, err = s.locked(ctx); err != nil {
		s.collection = ""
		return false, s.blame(ctx, err)
	}
	return locked, nil
}

func (s *secretService) activate(ctx context.Context) error {
	var how uint32
	call := s.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.StartServiceByName", 0, busName, uint32(0))
	if err := call.Store(&how); err != nil {
		switch {
		case ctx.Err() != nil: // it may still come up
			return ErrTimeout
		case !s.conn.Connected():
			return errGone
		}
		return fmt.Errorf("%w: there is no Secret Service on D-Bus", ErrAbsent)
	}
	return nil
}

func (s *secretService) property(ctx context.Context, path dbus.ObjectPath, iface, name string, to any) error {
	var v dbus.Variant
	call := s.conn.Object(busName, path).CallWithContext(ctx, propertyGet, dbus.FlagNoAutoStart, iface, name)
	if err := call.Store(&v); err != nil {
		return err
	}
	return v.Store(to)
}

// blame tells a dead connection or a service that left from one that refuses.
func (s *secretService) blame(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ErrTimeout
	case !s.conn.Connected(), unowned(err):
		return errGone
	}
	return fmt.Errorf("%w: %w", ErrAbsent, explain(err))
}

func unowned(err error) bool {
	e, ok := errors.AsType[dbus.Error](err)
	return ok && (e.Name == "org.freedesktop.DBus.Error.ServiceUnknown" ||
		e.Name == "org.freedesktop.DBus.Error.NameHasNoOwner")
}
