package awsconfig

import (
	"strings"
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
	lost      bool // that line was to open a block: what is indented deeper is lost with it
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
	s.key, s.block, s.unrelated, s.lost, s.indent = false, false, false, false, 0
}

func (s *scanner) classifyBody(l *line, raw, text string) {
	indent := len(raw) - len(strings.TrimLeft(raw, " \t"))
	deeper := s.key && indent > s.indent
	if why := unprintable(text); why != "" {
		s.passOver(l, why, text, indent, deeper)
		return
	}
	switch {
	case deeper && s.lost:
		l.kind, l.note = bad, noteLost
	case !deeper && headerInPieces(text):
		s.classifyHead(l, raw, text)
	case deeper && s.block:
		s.classifyNested(l, text)
	case deeper && !startsWord(text):
		if s.unrelated {
			l.kind, l.note = bad, noteNoKey
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
		why := noteNoKey
		if key != "" {
			why = noteOddKey
		}
		s.passOver(l, why, text, indent, deeper)
		return
	}
	l.kind, l.key, l.value = pair, key, value
	s.key, s.indent, s.block, s.unrelated = true, indent, value == "", false
	s.lost = false
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

// passOver costs the line, and the block below it when it was to open one: to
// pass over the line alone would give the block's keys to the section.
func (s *scanner) passOver(l *line, why, text string, indent int, deeper bool) {
	l.kind, l.note = bad, why
	if deeper && s.block {
		return
	}
	s.unrelated = true
	text = cutComment(text)
	if last := text[len(text)-1]; last == '=' || last == ':' {
		s.key, s.indent, s.block, s.lost = true, indent, false, true
	}
}
