// Package text makes strings safe to print on one line of a terminal or a log, and
// quotes them for a shell. Text from a server, a file or another program may have
// control characters; text that understudy prints must not.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns s on one line: control characters and line ends become spaces.
func Line(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return strings.Map(Visible, s)
		}
	}
	return s
}

// Visible returns r, or a space for the C0 and C1 controls and for Unicode's own
// line ends.
func Visible(r rune) rune {
	if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
		return ' '
	}
	return r
}

// MaxReason is the longest reason that Clean returns, in characters.
const MaxReason = 500

// Clean returns s as the reason of a credential.Failure: one printable line of
// at most MaxReason characters, without a full stop at the end.
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

// Cut shortens s to at most most characters; a shortened s ends in three dots.
func Cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-3]) + "..."
}
