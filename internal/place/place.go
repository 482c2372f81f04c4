// Package place says where things of this user are: the home folder, the daemon's
// socket, the state folder and the settings, and the AWS files of the caller. They
// follow from the user id and a few variables, and every one is an absolute path.
package place

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// ErrNoHome is returned if neither HOME nor the password database has a home folder.
var ErrNoHome = errors.New("there is no home folder: HOME is unset and the password database names none")

// Home is the user's home folder: $HOME, or if that is unset the one in the password
// database. It is an error if neither is an absolute path, so that nothing is ever
// written to / or to the working folder.
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

// SocketPath is where this user's daemon listens. EnvSocket overrides it;
// otherwise it follows from the user alone, not from the environment, so that a
// GUI program, cron and a shell find the same daemon.
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

// ErrForeign is wrapped by the errors for a folder or a daemon that may belong to
// another user: it could give an attacker's credentials to the caller.
var ErrForeign = errors.New("not this user's alone")
