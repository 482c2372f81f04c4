package source

import (
	"os"
	"os/user"
	"strconv"
	"strings"
)

// userAtHost is the session name for profiles that name none. It depends on the
// user's account and the first label of the host name only, so that a restart,
// another network or an empty environment does not lead to another session.
func userAtHost() string {
	name := "uid-" + strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username[strings.LastIndexByte(u.Username, '\\')+1:]
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	host, _, _ = strings.Cut(host, ".")
	return cleanName(name + "@" + host)
}

// cleanName makes s a valid session name.
func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if isNameRune(r) {
			return r
		}
		return '-'
	}, s)
	if len(s) > 64 {
		s = s[:64]
	}
	for len(s) < 2 {
		s += "-"
	}
	return s
}
