package sessionbus

import (
	"fmt"
	"os"
	"path/filepath"

	"understudy/internal/atomicfile"
)

// Runtime is where this user's runtime folder is, by the uid alone: a program
// that runs without a session's environment finds the same.
func Runtime() string { return fmt.Sprintf("/run/user/%d", os.Getuid()) }

func inFolder(runtime string) (string, error) {
	socket := filepath.Join(runtime, "bus")
	dir, err := os.Lstat(runtime)
	if err != nil || !dir.IsDir() || !atomicfile.Mine(dir) {
		return "", errNone
	}
	file, err := os.Lstat(socket)
	if err != nil || file.Mode().Type() != os.ModeSocket || !atomicfile.Mine(file) {
		return "", errNone
	}
	return "unix:path=" + socket, nil
}
