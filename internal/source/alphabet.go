package source

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"understudy/internal/credential"
)

// The alphabets of STS's parameters. \w in its documentation is ASCII.

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLower(r rune) bool { return r >= 'a' && r <= 'z' }

func isWord(r rune) bool {
	return isDigit(r) || isLower(r) || r >= 'A' && r <= 'Z' || r == '_'
}

func isNameRune(r rune) bool { return isWord(r) || strings.ContainsRune("+=,.@-", r) }

// isName reports whether s is least to most characters of the alphabet that
// role names, session names and source identities share.
func isName(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return !isNameRune(r) })
}

func isExternalID(s string) bool {
	return len(s) >= 2 && len(s) <= 1224 &&
		!strings.ContainsFunc(s, func(r rune) bool { return !isNameRune(r) && r != ':' && r != '/' })
}

// isTagText reports whether s is least to most characters that a tag's key or
// value may hold: letters, digits and spaces of any script, and a few signs.
func isTagText(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return n >= least && n <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r)
	})
}

// isKeyID reports whether s may stand in a signature as an access key ID. IAM's
// own are 16 characters and more; those of local stand-ins for AWS need not be.
func isKeyID(s string) bool {
	return len(s) >= 1 && len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool { return !isWord(r) })
}

func notVisible(r rune) bool { return r < '!' || r > '~' }

// hasInvisible reports whether a secret holds what no credential does.
func hasInvisible(s credential.Secret) bool { return strings.ContainsFunc(s.Reveal(), notVisible) }
