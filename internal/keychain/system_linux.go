package keychain

import (
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// itemLimit makes nearly every value one item, which is read with one call. The
// Secret Service has no limit of its own, but slows down over 100 KiB.
const itemLimit = 64 << 10

func system() vault {
	return vault{
		gate:  &secretService{},
		shelf: shelf{items: library{explain: explain}, limit: itemLimit},
	}
}

// explain says what happened on D-Bus by the name of the error; its text is the
// service's own and not to be trusted with anything.
func explain(err error) error {
	if e, ok := errors.AsType[dbus.Error](err); ok {
		switch e.Name {
		case "org.freedesktop.Secret.Error.IsLocked":
			return ErrLocked
		case "org.freedesktop.DBus.Error.ServiceUnknown",
			"org.freedesktop.DBus.Error.NameHasNoOwner",
			"org.freedesktop.DBus.Error.NoReply",
			"org.freedesktop.DBus.Error.Disconnected":
			return errGone
		}
		return fmt.Errorf("the Secret Service refuses: %.80q", e.Name)
	}
	if errors.Is(err, dbus.ErrClosed) {
		return errGone
	}
	return errors.New("the Secret Service's answer makes no sense")
}
