// Package sessionbus says where the D-Bus session of this user is. It exists so
// that nothing of ours ever has a bus started: an address that is missing makes
// the D-Bus libraries run dbus-launch, and a bus that nobody else knows of has
// no keychain and shows no notification.
package sessionbus

import (
	"errors"
	"strings"
)

// errNone says that there is no session bus.
var errNone = errors.New("there is no D-Bus session")

// Address is what the environment says (DBUS_SESSION_BUS_ADDRESS), else the
// socket in runtime, the user's runtime folder, when both are this user's. It
// is errNone otherwise, and with an address that would have a bus started.
func Address(env, runtime string) (string, error) {
	if env != "" && !strings.HasPrefix(env, "autolaunch:") {
		return env, nil
	}
	return inFolder(runtime)
}
