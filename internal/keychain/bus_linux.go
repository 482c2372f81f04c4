package keychain

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// busAddress is where the session bus is: what the environment says, else the
// socket in the user's runtime folder, when both are this user's. It is ErrAbsent
// otherwise, and with an address that would have a bus started.
func busAddress(env, runtime string) (string, error) {
	if env != "" && !strings.HasPrefix(env, "autolaunch:") {
		return env, nil
	}
	socket := filepath.Join(runtime, "bus")
	dir, err := os.Lstat(runtime)
	if err != nil || !dir.IsDir() || !mine(dir) {
		return "", fmt.Errorf("%w: there is no D-Bus session", ErrAbsent)
	}
	file, err := os.Lstat(socket)
	if err != nil || file.Mode().Type() != os.ModeSocket || !mine(file) {
		return "", fmt.Errorf("%w: there is no D-Bus session", ErrAbsent)
	}
	return "unix:path=" + socket, nil
}

func mine(f os.FileInfo) bool {
	st, ok := f.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}
