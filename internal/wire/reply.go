package wire

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"time"
)

// The first bytes of a reply's line tell its kind. The daemon writes exactly these
// bytes. CloseLine ends the line.
const (
	OpenCredentials = `{"v":1,"credentials":` // then the object that the helper prints
	OpenWait        = `{"v":1,"wait":`        // then a number of seconds
	openResult      = `{"v":1,"result":`
	openError       = `{"v":1,"error":`
)

// AppendCredentials, AppendResult, AppendError and AppendWait append a reply as
// one line, newline included. The body is a JSON object without a newline; that of
// AppendCredentials is what appendBody appends, so that a secret has one copy.
func AppendCredentials(b []byte, appendBody func([]byte) []byte) []byte {
	return append(appendBody(append(b, OpenCredentials...)), CloseLine...)
}

func AppendResult(b, body []byte) []byte { return appendReply(b, openResult, body) }

func appendReply(b []byte, open string, body []byte) []byte {
	b = append(b, open...)
	b = append(b, body...)
	return append(b, CloseLine...)
}

func AppendError(b []byte, code Code, message, hint string) []byte {
	b = append(b, openError+`{"code":`...)
	b = appendString(b, string(code))
	b = append(b, `,"message":`...)
	b = appendString(b, message)
	b = append(b, `,"hint":`...)
	b = appendString(b, hint)
	return append(b, "}}\n"...)
}

// AppendWait rounds d up to whole seconds.
func AppendWait(b []byte, d time.Duration) []byte {
	b = append(b, OpenWait...)
	b = strconv.AppendInt(b, int64((d+time.Second-1)/time.Second), 10)
	return append(b, CloseLine...)
}

// Reply is one parsed line from the daemon. Exactly one of Body, Wait,
// Ask and Err is set.
type Reply struct {
	Body []byte        // what credentials or result held, ready to print
	Wait time.Duration // more is to come, within this time
	Ask  *Ask          // the caller is asked something
	Err  *Error
}

// Format keeps the body out of anything printed.
func (r Reply) Format(f fmt.State, _ rune) {
	switch {
	case r.Err != nil:
		io.WriteString(f, "refusal "+string(r.Err.Code)+": "+r.Err.Message)
	case r.Ask != nil:
		io.WriteString(f, "question "+r.Ask.ID)
	case r.Wait != 0:
		io.WriteString(f, "wait of "+r.Wait.String())
	default:
		io.WriteString(f, "body of "+strconv.Itoa(len(r.Body))+" bytes")
	}
}

// MarshalJSON refuses, as an Answer does.
func (r Reply) MarshalJSON() ([]byte, error) { return nil, errHeld }

// Error is the daemon's refusal.
type Error struct {
	Code          Code
	Message, Hint string
}

func (e *Error) Error() string { return e.Message }

// ParseReply parses line, without its newline. A line that it does not understand,
// such as one from a daemon of another version, is a NoDaemon error with a hint.
func ParseReply(line []byte) Reply {
	if n := len(line) - 1; n > 0 && line[n] == '}' {
		for _, open := range []string{OpenCredentials, openResult} {
			if body, ok := bytes.CutPrefix(line[:n], []byte(open)); ok && oneObject(body) {
				return Reply{Body: body}
			}
		}
		if body, ok := bytes.CutPrefix(line[:n], []byte(OpenWait)); ok {
			if s, err := strconv.Atoi(string(body)); err == nil && s > 0 {
				return Reply{Wait: time.Duration(min(s, int(AskWait/time.Second))) * time.Second}
			}
		}
	}
	if ask, ok := scanAsk(line); ok {
		return Reply{Ask: ask}
	}
	fields, ok := scanError(line)
	if !ok {
		return Reply{Err: &Error{NoDaemon,
			"the daemon's answer is not one this version understands",
			"the two may be of different versions; run: understudy daemon restart"}}
	}
	return Reply{Err: fields}
}
