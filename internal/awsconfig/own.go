package awsconfig

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names of the keys by which a profile that was moved in can be moved out again.
// Nothing acts on what they say.
const (
	// Was stands in front of a key that was switched off.
	Was = Prefix + "was_"
	// Adopted lists the keys that are to stay as they are, and with a + in front
	// those that are to go.
	Adopted = Prefix + "adopted"
)

// Own is a credential_process that runs understudy itself.
type Own struct {
	Program string // as it is written
	Profile string // "" where none is named
}

// ParseOwn reads the command line of a credential_process; ok is false when it
// runs another program.
func ParseOwn(command string) (o Own, ok bool) {
	program, rest := firstWord(strings.TrimSpace(command))
	o.Program = program
	program = path.Base(strings.ReplaceAll(program, `\`, "/"))
	switch strings.TrimSuffix(strings.ToLower(program), ".exe") {
	case "understudy-credentials":
	case "understudy":
		var verb string
		if verb, rest = firstWord(strings.TrimSpace(rest)); verb != "get" {
			return Own{}, false
		}
	default:
		return Own{}, false
	}
	o.Profile, rest = firstWord(strings.TrimSpace(rest))
	if o.Profile == "--profile" {
		o.Profile, _ = firstWord(strings.TrimSpace(rest))
	}
	o.Profile = strings.TrimPrefix(o.Profile, "--profile=")
	return o, true
}

// firstWord cuts a command line behind its first word, which may be quoted.
func firstWord(s string) (word, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		word, rest, _ = strings.Cut(s[1:], s[:1])
		return word, rest
	}
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// OneWord reports whether every SDK reads s as one word of a command line, be it
// split as botocore does, by sh or by cmd, and gives it on as it is.
func OneWord(s string) bool {
	return s != "" && s[0] != '-' && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-./:@+=,", r)
	})
}
