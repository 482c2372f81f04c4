package awsconfig

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cutComment takes off a comment that stands behind white space.
func cutComment(text string) string {
	for i := 1; i < len(text); i++ {
		if (text[i] == '#' || text[i] == ';') && (text[i-1] == ' ' || text[i-1] == '\t') {
			return strings.TrimSpace(text[:i])
		}
	}
	return text
}

// split parts a line at its first = or :. A key that starts with a quote, and
// the lone - that some readers number, are no keys: with these ok is false.
func split(text string) (key, value string, delimiter byte, ok bool) {
	i := strings.IndexAny(text, "=:")
	if i < 0 {
		return "", "", 0, false
	}
	key = strings.TrimSpace(text[:i])
	if key == "" || key == "-" || strings.ContainsRune("\"'`", rune(key[0])) {
		return key, "", 0, false
	}
	return key, strings.TrimSpace(text[i+1:]), text[i], true
}

// startsWord reports whether text is a bare word and a delimiter: deeper than
// the key above it is a key all the same, while a line of JSON is not.
func startsWord(text string) bool {
	i := strings.IndexAny(text, "=:")
	if i <= 0 {
		return false
	}
	return !strings.ContainsFunc(strings.TrimRight(text[:i], " \t"), func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && (r > 'z' || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	})
}

func quoted(v string) bool {
	return len(v) > 1 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0]
}

// unprintable says why a line cannot carry a value, "" when it can.
func unprintable(text string) string {
	i := 0
	for i < len(text) && (text[i] >= ' ' && text[i] < 0x7f || text[i] == '\t') {
		i++
	}
	switch rest := text[i:]; {
	case rest == "":
		return ""
	case !utf8.ValidString(rest):
		return noteUTF8
	case strings.ContainsFunc(rest, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }):
		return noteControl
	}
	return ""
}
