package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"understudy/internal/text"
)

// AskKind is what the daemon asks of a caller in the middle of a request.
type AskKind string

const (
	AskCode        AskKind = "code"        // a line from the person at the caller's terminal
	AskVisit       AskKind = "visit"       // show her where to go; the answer comes another way
	AskEnvironment AskKind = "environment" // the caller's own AWS credentials
)

// Ask is one question of the daemon. Its zero fields are left out.
type Ask struct {
	ID       string
	Kind     AskKind
	Text     string // one line for people
	Notice   string // what was wrong with the answer before
	URL      string // of a visit
	UserCode string // of a visit
	Wait     time.Duration
}

const openAsk = `{"v":1,"ask":{`

// AppendAsk appends a as one line, newline included. Wait is not written: it is
// AskWait for every question.
func AppendAsk(b []byte, a Ask) []byte {
	b = append(b, openAsk+`"kind":`...)
	b = appendString(b, string(a.Kind))
	for _, f := range [...]struct{ name, value string }{
		{`,"id":`, a.ID}, {`,"text":`, a.Text}, {`,"notice":`, a.Notice}, {`,"url":`, a.URL}, {`,"user_code":`, a.UserCode},
	} {
		if f.value != "" {
			b = append(b, f.name...)
			b = appendString(b, f.value)
		}
	}
	return append(b, "}}\n"...)
}

// scanAsk reads what AppendAsk wrote, with the fields in any order.
func scanAsk(line []byte) (*Ask, bool) {
	rest, ok := bytes.CutPrefix(line, []byte(openAsk))
	if !ok {
		return nil, false
	}
	a := Ask{Wait: AskWait}
	rest, ok = scanFields(rest, func(name, value string) {
		switch name {
		case "kind":
			a.Kind = AskKind(value)
		case "id":
			a.ID = value
		case "text":
			a.Text = value
		case "notice":
			a.Notice = value
		case "url":
			a.URL = value
		case "user_code":
			a.UserCode = value
		}
	})
	return &a, ok && string(rest) == "}}" && a.Kind != ""
}

// Answer is a caller's one line in answer to an Ask. One that is neither Pass
// nor Refuse and has no text says that a visit is shown. It may hold secrets.
type Answer struct {
	V      int    `json:"v"`
	ID     string `json:"id,omitempty"`
	Text   string `json:"text,omitempty"`
	Pass   bool   `json:"pass,omitempty"`   // nobody can be asked here
	Refuse bool   `json:"refuse,omitempty"` // the person does not want to answer

	AccessKeyID     string `json:"access_key_id,omitempty"`
	SecretAccessKey string `json:"secret_access_key,omitempty"`
	SessionToken    string `json:"session_token,omitempty"`
}

// Format keeps what a person typed out of anything printed.
func (a Answer) Format(f fmt.State, _ rune) { io.WriteString(f, "answer to "+text.Line(a.ID)) }

// MarshalJSON refuses: an Answer is written by Append, and nowhere else.
func (a Answer) MarshalJSON() ([]byte, error) { return nil, errHeld }

var errHeld = errors.New("it may hold a secret, which is written where it is meant to go and nowhere else")

// Append appends a as one line, newline included.
func (a Answer) Append(b []byte) []byte {
	b = append(b, `{"v":1`...)
	for _, f := range [...]struct{ name, value string }{
		{`,"id":`, a.ID}, {`,"text":`, a.Text}, {`,"access_key_id":`, a.AccessKeyID},
		{`,"secret_access_key":`, a.SecretAccessKey}, {`,"session_token":`, a.SessionToken},
	} {
		if f.value != "" {
			b = append(b, f.name...)
			b = appendString(b, f.value)
		}
	}
	if a.Pass {
		b = append(b, `,"pass":true`...)
	}
	if a.Refuse {
		b = append(b, `,"refuse":true`...)
	}
	return append(b, "}\n"...)
}

// Answerer answers what the daemon asks. c is the connection, so that a person
// who is being asked can be let go when the daemon says something: its Pending
// or Fd tell. ok is false where it was let go, and then nothing is sent.
type Answerer func(a Ask, c *Conn) (answer Answer, ok bool)

// answer sends what came of a to the daemon.
func (c *Conn) answer(a Ask, by Answerer) error {
	if by == nil {
		by = func(a Ask, _ *Conn) (Answer, bool) { return Answer{ID: a.ID, Pass: true}, true }
	}
	answer, ok := by(a, c)
	if !ok {
		return nil
	}
	if err := c.h.write(answer.Append(nil)); err != nil {
		return during("write to", err)
	}
	return nil
}

// Pending reports whether a whole line of the daemon's has been read already.
func (c *Conn) Pending() bool { return bytes.IndexByte(c.buf, '\n') >= 0 }
