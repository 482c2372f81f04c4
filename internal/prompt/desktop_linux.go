package prompt

import (
	"os"

	"understudy/internal/sessionbus"
)

// hasDisplay goes by the daemon's environment: the display of whoever started
// it, since nobody else may lend it one.
func hasDisplay(getenv func(string) string) bool {
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}

// candidates are in the order in which they are tried: what the person chose
// for GnuPG, what the system chose, then what there is.
func candidates(getenv func(string) string) []candidate {
	return append(pinentries(getenv, "pinentry", "pinentry-gnome3", "pinentry-gtk-2", "pinentry-qt", "pinentry-x11"),
		candidate{"zenity", zenity},
		candidate{"kdialog", kdialog})
}

// busEnv gives a dialog the session bus, or none: left alone, its library would
// start one.
func busEnv() []string {
	address, err := sessionbus.Address(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), sessionbus.Runtime())
	if err != nil {
		address = "disabled:"
	}
	return []string{"DBUS_SESSION_BUS_ADDRESS=" + address}
}

// desktopOpens are the commands that open a page, the desktop's choice first.
func desktopOpens(address string) [][]string {
	return [][]string{{"xdg-open", address}, {"x-www-browser", address}}
}
