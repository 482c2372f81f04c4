package place

import (
	"os"
	"path/filepath"
)

// SettingsFile returns the path of the daemon's settings. It need not exist.
func SettingsFile() (string, error) {
	dir, err := under("XDG_CONFIG_HOME", ".config")
	return filepath.Join(dir, "config"), err
}

// StateDir returns the folder of the index of sessions, the logs and the list of
// trusted files. It need not exist.
func StateDir() (string, error) { return under("XDG_STATE_HOME", ".local/state") }

// under returns understudy's folder by the XDG rule: below the variable's path if that
// is absolute, else below fallback in the home folder.
func under(variable, fallback string) (string, error) {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "understudy"), nil
	}
	home, err := Home()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, fallback, "understudy"), nil
}
