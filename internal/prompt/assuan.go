package prompt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxAssuan is the length of a line of the protocol without its end, in bytes.
const maxAssuan = 1000

// maxReplies is how many lines may stand between a command and its OK: status
// and comments, and what a person types in pieces.
const maxReplies = 100

// assuan is the client's end of the protocol that GnuPG's programs speak: one
// command, then lines of data, status and comments, then OK or ERR.
type assuan struct {
	in    io.Writer
	lines *bufio.Scanner
}

// refusal is an ERR; the number is libgpg-error's.
type refusal int

func (r refusal) Error() string {
	return fmt.Sprintf("the dialog program refuses, code %d", int(r)&0xffff)
}

// The codes of libgpg-error that say something about the person. Above 16 bits
// stands which program speaks.
const (
	gpgTimeout       = 62
	gpgCanceled      = 99
	gpgFullyCanceled = 198
)

// meaning tells a person who said no from a program that can show nothing.
func (r refusal) meaning() error {
	switch r & 0xffff {
	case gpgCanceled, gpgFullyCanceled:
		return ErrClosed
	case gpgTimeout:
		return ErrExpired
	}
	return fmt.Errorf("%w: %w", errNoDialog, r)
}

// do sends one command and returns the data that came before its OK. An ERR is
// a refusal; any other error is the end of the conversation.
func (a *assuan) do(command, parameter string) ([]byte, error) {
	if _, err := io.WriteString(a.in, assuanLine(command, parameter)); err != nil {
		return nil, errEnded
	}
	return a.reply()
}

func (a *assuan) reply() (data []byte, err error) {
	for range maxReplies {
		if !a.lines.Scan() {
			return nil, errEnded
		}
		r, err := parseReply(a.lines.Text())
		if err != nil {
			return nil, err
		}
		switch r.kind {
		case replyOK:
			return data, nil
		case replyErr:
			return nil, refusal(r.code)
		case replyData:
			data = append(data, r.data...)
		}
	}
	return nil, errNonsense
}

type replyKind int

const (
	replyOther replyKind = iota // status, comment: nothing to do with
	replyOK
	replyErr
	replyData
)

type reply struct {
	kind replyKind
	code int    // of replyErr
	data string // of replyData, unescaped
}

// errNonsense holds no text of the line: it could be what was typed.
var errNonsense = errors.New("the dialog program does not speak the protocol")

func parseReply(line string) (reply, error) {
	line = strings.TrimSuffix(line, "\r")
	if len(line) > maxAssuan {
		return reply{}, errNonsense
	}
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "OK":
		return reply{kind: replyOK}, nil
	case word == "ERR":
		number, _, _ := strings.Cut(rest, " ")
		code, err := strconv.ParseUint(number, 10, 32)
		if err != nil || code == 0 {
			return reply{}, errNonsense
		}
		return reply{kind: replyErr, code: int(code)}, nil
	case word == "D":
		data, ok := unescape(rest)
		if !ok {
			return reply{}, errNonsense
		}
		return reply{kind: replyData, data: data}, nil
	case word == "S", strings.HasPrefix(word, "#"):
		return reply{}, nil
	}
	return reply{}, errNonsense
}

// unescape turns %XX into its byte.
func unescape(s string) (string, bool) {
	var b strings.Builder
	for {
		plain, rest, more := strings.Cut(s, "%")
		b.WriteString(plain)
		if !more {
			return b.String(), true
		}
		if len(rest) < 2 {
			return "", false
		}
		c, err := strconv.ParseUint(rest[:2], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(c))
		s = rest[2:]
	}
}

// assuanLine is a command with its parameter, escaped and cut to what a line
// may hold.
func assuanLine(command, parameter string) string {
	if parameter == "" {
		return command + "\n"
	}
	b := append([]byte(command), ' ')
	for _, r := range parameter {
		var piece []byte
		switch {
		case r == '%', r < ' ', r == 0x7f:
			piece = fmt.Appendf(nil, "%%%02X", r)
		default:
			piece = utf8.AppendRune(nil, r)
		}
		if len(b)+len(piece) > maxAssuan {
			break
		}
		b = append(b, piece...)
	}
	return string(append(b, '\n'))
}
