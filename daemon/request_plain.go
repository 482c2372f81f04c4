package daemon

import (
	"bytes"

	"understudy/internal/wire"
)

// plainRequest takes apart what nearly every line is: a helper's request, to
// the letter as wire writes it, with nothing in it that JSON would escape. Any
// other line, whatever is the matter with it, is left to the decoder.
func plainRequest(line []byte) (r wire.Request, ok bool) {
	r = wire.Request{V: wire.Version, Op: wire.Credentials}
	for _, f := range [...]struct {
		before string
		to     *string
	}{
		{`{"v":1,"op":"credentials","profile":"`, &r.Profile},
		{`","config_file":"`, &r.ConfigFile},
		{`","credentials_file":"`, &r.CredentialsFile},
	} {
		if line, ok = bytes.CutPrefix(line, []byte(f.before)); !ok {
			return wire.Request{}, false
		}
		n := 0
		for n < len(line) && plain(line[n]) {
			n++
		}
		*f.to, line = string(line[:n]), line[n:]
	}
	if string(line) != `"}` {
		return wire.Request{}, false
	}
	return r, true
}

// plain reports whether c stands for itself in a JSON string.
func plain(c byte) bool { return ' ' <= c && c <= '~' && c != '"' && c != '\\' }
