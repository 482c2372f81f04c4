//go:build !linux

package keychain

import "os"

// self names this program; the name it was started by if the system does not know.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}
