package source

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxReason = 500 // characters of what people are told
	maxQuote  = 80  // characters of a value that is quoted back
)

// clean makes one printable line of s, of a length that people read: what a
// server or a file says may hold anything. A full stop at the end is taken off.
func clean(s string) string {
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
	return cut(s, maxReason)
}

// brief shortens a value that is quoted back.
func brief(s string) string { return cut(s, maxQuote) }

func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-3]) + "..."
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return strings.Join(quoted, ", ")
}
