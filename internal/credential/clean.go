package credential

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxReason is how many characters people are told at most.
const MaxReason = 500

// Clean makes one printable line of s, of a length that people read, as a
// Failure wants it: what a server or a file says may hold anything. A full stop
// at the end is taken off.
func Clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if !strings.HasSuffix(s, "..") {
		s = strings.TrimSuffix(s, ".")
	}
	return Cut(s, MaxReason)
}

// Cut shortens s to at most most characters, and shows that it did.
func Cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-3]) + "..."
}
