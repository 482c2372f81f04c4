package source

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The characters of STS's parameters. \w in its documentation is ASCII.

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLower(r rune) bool { return r >= 'a' && r <= 'z' }

func isWord(r rune) bool {
	return isDigit(r) || isLower(r) || r >= 'A' && r <= 'Z' || r == '_'
}

func isNameRune(r rune) bool { return isWord(r) || strings.ContainsRune("+=,.@-", r) }

// isName reports whether s is least to most of the characters that role names,
// session names and source identities may have.
func isName(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return !isNameRune(r) })
}

func isExternalID(s string) bool {
	return len(s) >= 2 && len(s) <= 1224 &&
		!strings.ContainsFunc(s, func(r rune) bool { return !isNameRune(r) && r != ':' && r != '/' })
}

// isTagText reports whether s is least to most of the characters that a tag's key
// or value may have: letters, digits and spaces of any script, and some others.
func isTagText(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return n >= least && n <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r)
	})
}

func notVisible(r rune) bool { return r < '!' || r > '~' }
