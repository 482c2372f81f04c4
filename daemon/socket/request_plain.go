package socket

import (
	"bytes"
	"sync/atomic"

	"understudy/internal/wire"
)

// paths are those of the last request. Nearly every request names the same two files,
// and a thousand sessions need not keep a thousand copies of their names.
type paths struct{ config, credentials atomic.Pointer[string] }

// shared returns b as a string, the one in last if they are equal.
func shared(b []byte, last *atomic.Pointer[string]) string {
	if p := last.Load(); p != nil && *p == string(b) {
		return *p
	}
	s := string(b)
	last.Store(&s)
	return s
}

// What precedes each value of a helper's request, with the quotes around it.
const (
	beforeProfile     = wire.OpenRequest + `"` + string(wire.Credentials) + `"` + wire.FieldProfile + `"`
	beforeConfig      = `"` + wire.FieldConfigFile + `"`
	beforeCredentials = `"` + wire.FieldCredentialsFile + `"`
	afterCredentials  = `"}` // CloseLine without the newline
)

// plain parses what nearly every line is: a helper's request, exactly as wire writes
// it, with nothing in it that JSON would escape. Any other line is left to the
// decoder.
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

// plainField returns what follows before, up to the first character that JSON would
// escape, and the rest of the line.
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
