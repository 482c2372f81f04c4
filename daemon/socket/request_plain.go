package socket

import (
	"bytes"
	"sync/atomic"

	"understudy/internal/wire"
)

// paths are the paths of the last request. Nearly every request names the same two
// files, so a thousand sessions can share one copy of each path.
type paths struct{ config, credentials atomic.Pointer[string] }

// shared returns b as a string: the one in last if they are equal, else a new one.
func shared(b []byte, last *atomic.Pointer[string]) string {
	if p := last.Load(); p != nil && *p == string(b) {
		return *p
	}
	s := string(b)
	last.Store(&s)
	return s
}

// The text before each value of a helper's request, including quotes.
const (
	beforeProfile     = wire.OpenRequest + `"` + string(wire.Credentials) + `"` + wire.FieldProfile + `"`
	beforeConfig      = `"` + wire.FieldConfigFile + `"`
	beforeCredentials = `"` + wire.FieldCredentialsFile + `"`
	afterCredentials  = `"}` // CloseLine without the newline
)

// plain parses the most common line: a helper's request, exactly as wire writes it,
// without characters that JSON escapes. ok is false for any other line, which the
// JSON decoder parses.
func (p *paths) plain(line []byte) (r wire.Request, ok bool) {
	profile, line, ok := plainField(line, beforeProfile)
	if !ok {
		return wire.Request{}, false
	}
	config, line, ok := plainField(line, beforeConfig)
	if !ok {
		return wire.Request{}, false
	}
	credentials, line, ok := plainField(line, beforeCredentials)
	if !ok || string(line) != afterCredentials {
		return wire.Request{}, false
	}
	return wire.Request{
		V: wire.Version, Op: wire.Credentials, Profile: string(profile),
		ConfigFile: shared(config, &p.config), CredentialsFile: shared(credentials, &p.credentials),
	}, true
}

// plainField returns the value after the prefix before, up to the first character that
// JSON escapes, and the rest of the line.
func plainField(line []byte, before string) (value, rest []byte, ok bool) {
	if line, ok = bytes.CutPrefix(line, []byte(before)); !ok {
		return nil, nil, false
	}
	n := 0
	for n < len(line) && plain(line[n]) {
		n++
	}
	return line[:n], line[n:], true
}

// plain reports whether c needs no escape in a JSON string.
func plain(c byte) bool { return ' ' <= c && c <= '~' && c != '"' && c != '\\' }
