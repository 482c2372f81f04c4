package awsconfig

import "strings"

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

// parseHeader reads a line that starts with [. The header ends at the first ]
// with nothing but a comment behind it.
func parseHeader(text string, file grammar) header {
	inner, ok := brackets(text)
	if !ok || unprintable(inner) != "" || strings.Trim(inner, " \t\"'") == "" {
		return header{name: guess(text), note: noteBrokenHeader}
	}
	trimmed := strings.TrimSpace(inner)
	h := configHeader(trimmed)
	if file == credentialsFile {
		h = credentialsHeader(trimmed)
	}
	if h.note == "" && h.kind != ignoredHead {
		h.note = headerNote(inner, h.name)
	}
	return h
}

func brackets(text string) (inner string, ok bool) {
	for i := 1; i < len(text); i++ {
		if text[i] != ']' {
			continue
		}
		behind := strings.TrimSpace(text[i+1:])
		if behind == "" || behind[0] == '#' || behind[0] == ';' {
			return text[1:i], true
		}
	}
	return "", false
}

func configHeader(inner string) header {
	if inner == "default" {
		return header{kind: defaultHead, name: inner}
	}
	word, name := inner, ""
	if i := strings.IndexAny(inner, " \t"); i > 0 {
		word, name = inner[:i], unquote(strings.TrimLeft(inner[i:], " \t"))
	}
	kinds := map[string]headKind{"profile": profileHead, "sso-session": ssoSessionHead, "services": servicesHead}
	kind, known := kinds[word]
	switch {
	case known && name == "":
		return header{kind: ignoredHead, name: inner, note: noteNoName}
	case known:
		return header{kind: kind, name: name}
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
	for _, word := range []string{"profile", "sso-session", "services"} {
		rest, ok := strings.CutPrefix(inner, word)
		if ok && rest != "" && (rest[0] == ' ' || rest[0] == '\t') {
			return header{kind: ignoredHead, name: strings.TrimSpace(rest), note: notePrefixed}
		}
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
func headerNote(inner, name string) string {
	switch {
	case strings.ContainsAny(inner, "#;"):
		return noteHashInName
	case strings.Trim(inner, " \t") != inner:
		return notePadded
	case strings.ContainsAny(name, "\"'\\"):
		return noteShellName
	case strings.ContainsAny(name, " \t") && !strings.ContainsAny(inner, "\"'"):
		return noteSpaceInName
	}
	return ""
}

// guess makes out the name in a broken header.
func guess(text string) string {
	text = strings.TrimLeft(text, "[ \t")
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
