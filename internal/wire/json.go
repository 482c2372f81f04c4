package wire

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"understudy/internal/text"
)

const hex = "0123456789abcdef"

// appendString appends s as a JSON string. Bytes that are no UTF-8 become the
// replacement character, as encoding/json does it.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ' || r == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// scanError reads {"v":N,"error":{"code":…,"message":…,"hint":…}}, of any
// version N, with the three strings in any order and more of them ignored.
func scanError(line []byte) (*Error, bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"v":`))
	if !ok {
		return nil, false
	}
	digits := len(rest) - len(bytes.TrimLeft(rest, "0123456789"))
	if rest, ok = bytes.CutPrefix(rest[digits:], []byte(`,"error":{`)); !ok || digits == 0 {
		return nil, false
	}
	var e Error
	rest, ok = scanFields(rest, func(name, value string) {
		switch name {
		case "code":
			e.Code = Code(value)
		case "message":
			e.Message = value
		case "hint":
			e.Hint = value
		}
	})
	return &e, ok && string(rest) == "}}" && e.Code != ""
}

// scanFields reads the fields of an object of strings, from behind its brace up
// to the one that ends it, which is where rest begins.
func scanFields(b []byte, each func(name, value string)) (rest []byte, ok bool) {
	for {
		var name, value string
		if name, b, ok = scanString(b); !ok || len(b) == 0 || b[0] != ':' {
			return nil, false
		}
		if value, b, ok = scanString(b[1:]); !ok || len(b) == 0 {
			return nil, false
		}
		each(name, value)
		if b[0] != ',' {
			return b, true
		}
		b = b[1:]
	}
}

// oneObject reports whether b opens with a brace whose partner is its last
// byte. The daemon made the JSON in between and a look at it is not worth the
// time; but what surrounds the body must not be printed as a part of it.
func oneObject(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
		if depth == 0 {
			return i > 0 && i == len(b)-1
		}
	}
	return false
}

// scanString reads one JSON string from the start of b and returns it with
// what follows. Control characters come back as spaces: the text is on its way
// to a terminal.
func scanString(b []byte) (s string, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return "", nil, false
	}
	var out []byte
	for b = b[1:]; len(b) > 0; {
		switch c := b[0]; {
		case c == '"':
			return string(out), b[1:], true
		case c == '\\':
			r, n := scanEscape(b)
			if n == 0 {
				return "", nil, false
			}
			out, b = utf8.AppendRune(out, text.Visible(r)), b[n:]
		case c < ' ':
			return "", nil, false
		default:
			r, n := utf8.DecodeRune(b)
			out, b = utf8.AppendRune(out, text.Visible(r)), b[n:]
		}
	}
	return "", nil, false
}

// scanEscape reads the escape at the start of b and returns its rune and
// length, 0 when it is none.
func scanEscape(b []byte) (rune, int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b', 'f', 'n', 'r', 't':
		return ' ', 2
	case 'u':
		hi, ok := scanHex(b)
		if !ok {
			return 0, 0
		}
		if !utf16.IsSurrogate(hi) {
			return hi, 6
		}
		if lo, ok := scanHex(b[6:]); ok {
			if r := utf16.DecodeRune(hi, lo); r != utf8.RuneError {
				return r, 12
			}
		}
		return utf8.RuneError, 6
	}
	return 0, 0
}

func scanHex(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		d := bytes.IndexByte([]byte("0123456789abcdef"), c|0x20)
		if c < 'A' {
			d = bytes.IndexByte([]byte("0123456789"), c)
		}
		if d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}
