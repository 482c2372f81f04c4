package awsconfig

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what one line of a file is.
type kind uint8

const (
	blank        kind = iota
	comment           // its first character is # or ;
	head              // a section header
	pair              // a key of the section, at any indentation
	nested            // a key inside the block that the pair above opened
	continuation      // more of the value above
	bad               // passed over: no key, no header, or bytes no value has
	dropped           // passed over: its section is unknown
)

// line is one line of a file and where it stands in it, so that an edit can
// replace its bytes and leave every other one alone.
type line struct {
	number     int    // from 1
	start, end int    // bytes of the text, without the line's end
	eol        string // "\n", "\r\n", or "" for the last line
	kind       kind

	header header // of a head
	key    string // of a pair or nested: as it is written
	value  string // of a pair, nested or continuation: trimmed, a pair's comment cut off
	note   string // what a tool trips on, "" when there is nothing to say
}

// scanner reads a file line by line. It alone decides which section a line
// belongs to and which key; what the values say is read from what it accepts.
type scanner struct {
	file grammar
	src  string
	pos  int
	line int // number of the line before pos

	begun     bool // below a header
	open      bool // below a header that could be read
	key       bool // a pair stands above in this section
	indent    int  // of that pair
	block     bool // that pair has no value: what is indented deeper is nested
	unrelated bool // a bad line stands in between: nothing continues the pair
}

const bom = "\ufeff"

func newScanner(src string, file grammar) *scanner {
	s := &scanner{src: src, file: file}
	if strings.HasPrefix(src, bom) {
		s.pos = len(bom)
	}
	return s
}

// scanFrom starts at a header that an earlier scan found at pos.
func scanFrom(src string, file grammar, pos, number int) *scanner {
	return &scanner{src: src, file: file, pos: pos, line: number - 1}
}

// next returns the next line; ok is false after the last.
func (s *scanner) next() (l line, ok bool) {
	if s.pos >= len(s.src) {
		return line{}, false
	}
	s.line++
	l = line{number: s.line, start: s.pos}
	rest := s.src[s.pos:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest, l.eol = rest[:i], "\n"
		if strings.HasSuffix(rest, "\r") {
			rest, l.eol = rest[:i-1], "\r\n"
		}
	}
	l.end = s.pos + len(rest)
	s.pos = l.end + len(l.eol)
	s.classify(&l, rest)
	return l, true
}

func (s *scanner) classify(l *line, raw string) {
	text := strings.TrimSpace(raw)
	switch {
	case text == "":
		return
	case text[0] == '#' || text[0] == ';':
		l.kind = comment
		if !utf8.ValidString(text) {
			l.note = noteUTF8
		}
	case text[0] == '[' || strings.HasPrefix(strings.TrimLeftFunc(text, invisible), "["):
		s.classifyHead(l, raw, text)
	case !s.open && headerInPieces(text):
		s.classifyHead(l, raw, text)
	case !s.open:
		l.kind = dropped
		if !s.begun {
			l.note = noteHomeless
		}
	default:
		s.classifyBody(l, raw, text)
	}
}

func (s *scanner) classifyHead(l *line, raw, text string) {
	l.kind = head
	l.header = parseHeader(text, s.file)
	l.note = l.header.note
	if l.note == "" && (raw[0] == ' ' || raw[0] == '\t') {
		l.note = noteIndentedHeader
	}
	s.begun, s.open = true, l.header.kind != brokenHead
	s.key, s.block, s.unrelated, s.indent = false, false, false, 0
}

func (s *scanner) classifyBody(l *line, raw, text string) {
	indent := len(raw) - len(strings.TrimLeft(raw, " \t"))
	deeper := s.key && indent > s.indent
	if why := unprintable(text); why != "" {
		s.passOver(l, why)
		return
	}
	switch {
	case !deeper && headerInPieces(text):
		s.classifyHead(l, raw, text)
	case deeper && s.block:
		s.classifyNested(l, text)
	case deeper && !startsWord(text):
		if s.unrelated {
			s.passOver(l, noteNoKey)
			return
		}
		l.kind, l.value, l.note = continuation, text, noteContinued
	default:
		s.classifyPair(l, text, indent, deeper)
	}
}

func (s *scanner) classifyPair(l *line, text string, indent int, deeper bool) {
	cut := cutComment(text)
	key, value, delimiter, ok := split(cut)
	if !ok {
		s.passOver(l, noteNoKey)
		return
	}
	l.kind, l.key, l.value = pair, key, value
	s.key, s.indent, s.block, s.unrelated = true, indent, value == "", false
	switch {
	case deeper:
		l.note = notePromoted
	case indent > 0:
		l.note = noteIndented
	case len(cut) < len(text):
		l.note = noteInlineComment
	case quoted(value):
		l.note = noteQuoted
	case delimiter == ':':
		l.note = noteColon
	}
}

func (s *scanner) classifyNested(l *line, text string) {
	key, value, delimiter, ok := split(text)
	if !ok {
		l.kind, l.note = bad, noteNoNestedKey
		return
	}
	l.kind, l.key, l.value = nested, key, value
	if delimiter == ':' {
		l.note = noteNestedColon
	}
}

func (s *scanner) passOver(l *line, why string) {
	l.kind, l.note = bad, why
	s.unrelated = true
}

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
// the lone - that some readers number, are no keys.
func split(text string) (key, value string, delimiter byte, ok bool) {
	i := strings.IndexAny(text, "=:")
	if i < 0 {
		return "", "", 0, false
	}
	key = strings.TrimSpace(text[:i])
	if key == "" || key == "-" || strings.ContainsRune("\"'`", rune(key[0])) {
		return "", "", 0, false
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
