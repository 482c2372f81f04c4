//go:build linux && (amd64 || arm64)

package prelude

import (
	"unsafe"

	"understudy/internal/place"
)

// caller is what the prelude reads of the arguments and the environment.
type caller struct {
	profile                           string
	home, socket, config, credentials variable
}

// variable is an environment variable. If it is set twice the first one is used,
// as in Go.
type variable struct {
	value string
	found bool
}

// look reads the stack of a new process: argc, the arguments, nil, the
// environment, nil. It returns false if main has to handle the call.
func (c *caller) look(stack unsafe.Pointer) bool {
	argc := *(*int)(stack)
	words := unsafe.Add(stack, word)
	const named = "--profile="
	switch argc {
	case 2:
		c.profile = text(words, 1)
		if len(c.profile) > len(named) && c.profile[:len(named)] == named {
			c.profile = c.profile[len(named):]
		} else if c.profile != "" && c.profile[0] == '-' {
			return false
		}
	case 3:
		if text(words, 1) != named[:len(named)-1] {
			return false
		}
		c.profile = text(words, 2)
	default:
		return false
	}
	for words = unsafe.Add(words, (argc+1)*word); *(*unsafe.Pointer)(words) != nil; words = unsafe.Add(words, word) {
		entry := text(words, 0)
		c.home.keep(entry, "HOME=")
		c.socket.keep(entry, place.EnvSocket+"=")
		c.config.keep(entry, "AWS_CONFIG_FILE=")
		c.credentials.keep(entry, "AWS_SHARED_CREDENTIALS_FILE=")
	}
	return c.profile != "" && plain(c.profile) && exact(c.home.value) &&
		(c.socket.value == "" || exact(c.socket.value)) &&
		(c.config.value == "" || exact(c.config.value)) &&
		(c.credentials.value == "" || exact(c.credentials.value))
}

// word is the size of a pointer on each platform with a prelude.
const word = 8

// text is the string that the i-th of words points to, up to its NUL.
func text(words unsafe.Pointer, i int) string {
	p := *(**byte)(unsafe.Add(words, i*word))
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return unsafe.String(p, n)
}

func (v *variable) keep(entry, name string) {
	if !v.found && len(entry) >= len(name) && entry[:len(name)] == name {
		v.value, v.found = entry[len(name):], true
	}
}

// plain reports whether JSON has s without an escape.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// exact reports whether path is absolute and filepath.Clean does not change it, so
// that a path joined to it needs no cleaning either. It is false for the root.
func exact(path string) bool {
	if len(path) < 2 || path[0] != '/' || !plain(path) {
		return false
	}
	start := 1
	for i := 1; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' {
			continue
		}
		name := path[start:i]
		if name == "" || name == "." || name == ".." {
			return false
		}
		start = i + 1
	}
	return true
}
