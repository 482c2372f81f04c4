// Package sessionbus says where the D-Bus session of this user is. It exists so
// that nothing of ours ever has a bus started: an address that is missing makes
// the D-Bus libraries run dbus-launch, and a bus that nobody else knows of has
// no keychain and shows no notification.
package sessionbus

import (
	"errors"
	"strings"
)

// errNone means that there is no session bus.
var errNone = errors.New("there is no D-Bus session")

// Address returns env, the value of DBUS_SESSION_BUS_ADDRESS, unless it is
// empty or would start a bus; else the socket in runtime, the user's runtime
// folder, if both are this user's. Otherwise the error is errNone.
func Address(env, runtime string) (string, error) {
	if env != "" && !strings.HasPrefix(env, "autolaunch:") {
		return env, nil
	}
	return inFolder(runtime)
}
