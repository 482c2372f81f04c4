// Package place returns the paths of this user: the home folder, the daemon's socket,
// the state folder and the settings, and the AWS files of the caller. They follow
// from the user ID and a few environment variables, and all are absolute.
package place

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// ErrNoHome is returned if neither HOME nor the password database names a home folder.
var ErrNoHome = errors.New("there is no home folder: HOME is unset and the password database names none")

// Home returns the user's home folder: $HOME, or the one in the password database if
// $HOME is not an absolute path. It is an error if neither is one, so that nothing is
// ever written to / or to the working folder.
func Home() (string, error) {
	if home, err := os.UserHomeDir(); err == nil && filepath.IsAbs(home) {
		return home, nil
	}
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil || !filepath.IsAbs(u.HomeDir) {
		return "", ErrNoHome
	}
	return u.HomeDir, nil
}

// EnvSocket is the variable that overrides the socket's path.
const EnvSocket = "UNDERSTUDY_SOCKET"

// SocketPath returns the path at which this user's daemon listens: EnvSocket, if it is
// set. Otherwise the path depends only on the user ID and, if there is no private
// runtime folder, on the home folder, so that a GUI program, cron and a shell find
// the same daemon.
func SocketPath() (string, error) {
	path := os.Getenv(EnvSocket)
	if path == "" {
		var err error
		if path, err = defaultSocket(); err != nil {
			return "", err
		}
	}
	if !filepath.IsAbs(path) {
		return "", fmt.Errorf("%w: "+EnvSocket+" is %q, which is not an absolute path", ErrPath, path)
	}
	if len(path) > MaxPath {
		return "", fmt.Errorf("%w: %q is longer than %d bytes", ErrPath, path, MaxPath)
	}
	return path, nil
}

// ErrPath is wrapped by the errors for a path that a socket cannot have.
var ErrPath = errors.New("the socket's path cannot be used")

// ErrForeign is wrapped by the errors for a folder or a daemon that another user may
// control: it could give an attacker's credentials to the caller.
var ErrForeign = errors.New("not this user's alone")
