package prompt

import (
	"context"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"

	"understudy/internal/sessionbus"
)

const (
	notifyName = "org.freedesktop.Notifications"
	notifyPath = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// notify makes the one call on a connection of its own: godbus's shared one
// would have a bus started where none is known.
func notify(ctx context.Context, title, text string) error {
	address, err := sessionbus.Address(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), sessionbus.Runtime())
	if err != nil {
		return fmt.Errorf("%w: %w", errNoDialog, err)
	}
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("%w: D-Bus does not answer", errNoDialog)
	}
	defer conn.Close()
	const (
		replaces = uint32(0)
		icon     = "dialog-password"
		expires  = int32(-1) // the desktop decides
	)
	call := conn.Object(notifyName, notifyPath).CallWithContext(ctx, notifyName+".Notify", 0,
		"understudy", replaces, icon, title, text, []string{}, map[string]dbus.Variant{}, expires)
	if call.Err != nil {
		return fmt.Errorf("%w: no notification is taken", errNoDialog)
	}
	return nil
}
