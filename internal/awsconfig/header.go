package awsconfig

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// grammar is which of the two files a header stands in: they name profiles
// differently.
type grammar uint8

const (
	configFile grammar = iota
	credentialsFile
)

type headKind uint8

const (
	brokenHead  headKind = iota // its lines belong to no section
	ignoredHead                 // a section that holds no settings of ours
	profileHead
	defaultHead // [default] of the config file, which gives way to [profile default]
	ssoSessionHead
	servicesHead
)

// header is one section header.
type header struct {
	kind headKind
	name string // without its kind and quotes; of a broken one what can be made out
	note string
}

// profile is the name of the profile that the header opens, "" for any other
// section.
func (h header) profile() string {
	if h.kind == profileHead || h.kind == defaultHead {
		return h.name
	}
	return ""
}

// invisible are the characters that hide in front of a header: a byte order
// mark where two files were joined, a control character, a broken byte.
func invisible(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// headerInPieces reports whether a line without key and value was meant for a
// header. To pass it over alone would give the keys below it to the section
// above.
func headerInPieces(text string) bool {
	text = cutComment(text)
	if strings.IndexByte(text, '=') >= 0 || strings.IndexByte(text, ':') >= 0 {
		return false
	}
	word := text
	if i := strings.IndexAny(text, " \t"); i > 0 {
		word = text[:i]
	}
	return strings.HasSuffix(text, "]") || kinds(word) != ignoredHead
}

// kinds returns the kind of section that a word in a config file's header
// names.
func kinds(word string) headKind {
	switch word {
	case "profile":
		return profileHead
	case "sso-session":
		return ssoSessionHead
	case "services":
		return servicesHead
	}
	return ignoredHead
}

// parseHeader reads a line that is meant for a header. The header ends at the first ]
// with nothing but a comment behind it.
func parseHeader(text string, file grammar) header {
	inner, behind, ok := brackets(text)
	if !ok || unprintable(inner) != "" || strings.Trim(inner, " \t\"'") == "" {
		h := header{name: guess(text), note: noteBrokenHeader}
		if text[0] == '[' && !strings.ContainsAny(text, "]=:") { // with = or : botocore takes it for a key
			h.note = noteUnclosed
		}
		return h
	}
	trimmed := strings.TrimSpace(inner)
	h := configHeader(trimmed)
	if file == credentialsFile {
		h = credentialsHeader(trimmed)
	}
	if h.note == "" && h.kind != ignoredHead {
		h.note = headerNote(inner, behind, h.name, file)
	}
	return h
}

func brackets(text string) (inner, behind string, ok bool) {
	if text[0] != '[' {
		return "", "", false
	}
	for i := 1; i < len(text); i++ {
		if text[i] != ']' {
			continue
		}
		behind = strings.TrimSpace(text[i+1:])
		if behind == "" || behind[0] == '#' || behind[0] == ';' {
			return text[1:i], behind, true
		}
	}
	return "", "", false
}

func configHeader(inner string) header {
	if inner == "default" {
		return header{kind: defaultHead, name: inner}
	}
	word, name := inner, ""
	if i := strings.IndexAny(inner, " \t"); i > 0 {
		word, name = inner[:i], unquote(strings.TrimLeft(inner[i:], " \t"))
	}
	switch k := kinds(word); {
	case k != ignoredHead && name == "":
		return header{kind: ignoredHead, name: inner, note: noteNoName}
	case k != ignoredHead:
		return header{kind: k, name: name}
	case inner == "preview" || inner == "plugins": // the AWS CLI's own
		return header{kind: ignoredHead, name: inner}
	case inner == "DEFAULT":
		return header{kind: ignoredHead, name: inner, note: noteDEFAULT}
	case name != "" && strings.EqualFold(word, "profile"):
		return header{kind: ignoredHead, name: name, note: noteLowerCase}
	}
	return header{kind: ignoredHead, name: inner, note: noteNoPrefix}
}

func credentialsHeader(inner string) header {
	if i := strings.IndexAny(inner, " \t"); i > 0 && kinds(inner[:i]) != ignoredHead {
		return header{kind: ignoredHead, name: strings.TrimSpace(inner[i:]), note: notePrefixed}
	}
	h := header{kind: profileHead, name: inner}
	switch {
	case inner == "DEFAULT":
		h.note = noteDEFAULT
	case quoted(inner):
		h.note = noteQuotedName
	}
	return h
}

func unquote(name string) string {
	if quoted(name) && strings.IndexByte(name[1:], name[0]) == len(name)-2 {
		return strings.TrimSpace(name[1 : len(name)-1])
	}
	return name
}

// headerNote says what another reader makes of a header that this one accepts.
func headerNote(inner, behind, name string, file grammar) string {
	switch {
	case strings.ContainsAny(inner, "#;"):
		return noteHashInName
	case strings.Trim(inner, " \t") != inner:
		return notePadded
	case strings.Contains(behind, "]"):
		return noteBracketBehind
	case file == credentialsFile:
		return "" // botocore and Go take the name as it stands
	case strings.ContainsAny(name, "\"'\\"):
		return noteShellName
	case strings.ContainsAny(inner, "\"'"):
		return noteQuotesAroundName
	case strings.ContainsAny(name, " \t"):
		return noteSpaceInName
	}
	return ""
}

// guess makes out the name in a broken header.
func guess(text string) string {
	text = strings.TrimLeft(strings.TrimLeftFunc(text, invisible), "[ \t")
	if rest, ok := strings.CutPrefix(text, "profile"); ok {
		text = strings.TrimLeft(rest, " \t")
	}
	if i := strings.IndexAny(text, "]#;=\"' \t"); i >= 0 {
		if i == 0 {
			return strings.Trim(text, "]\"' \t")
		}
		text = text[:i]
	}
	return text
}
