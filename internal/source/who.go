package source

import (
	"os"
	"os/user"
	"strconv"
	"strings"
)

// userAtHost is the session name for profiles that have none. It is made from
// the account and the host's first label alone, so that a restart, another
// network or an empty environment does not make another session of it.
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

// cleanName fits s into STS's alphabet and length for a session name.
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
