package socket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"understudy/daemon/session"
	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// caller is the program at the other end of a connection, and the user at its
// terminal. It is a session.Asker.
type caller struct {
	conn   net.Conn
	peer   wire.Peer
	parked func()
	buf    []byte // empty, to append the answer to; it may have held the request

	answers chan session.Answer // nil before the first question; closed by read
	reading sync.WaitGroup
}

// Wait asks the caller to wait for up to d from now.
func (c *caller) Wait(d time.Duration) {
	c.parked()
	reply(c.conn, wire.AppendWait(nil, d))
}

// Ask sends the caller a question for its user.
func (c *caller) Ask(v prompt.View) { c.ask(asAsk(v)) }

// Answers yields the caller's answers.
func (c *caller) Answers() <-chan session.Answer { return c.answers }

func (c *caller) ask(a wire.Ask) {
	c.conn.SetReadDeadline(time.Now().Add(wire.AskWait + wire.ReadTimeout))
	if c.answers == nil {
		c.answers = make(chan session.Answer)
		c.reading.Go(c.read)
	}
	reply(c.conn, wire.AppendAsk(nil, a))
}

// read sends the caller's answers to c.answers until the connection ends. It stops at
// a malformed one.
func (c *caller) read() {
	defer close(c.answers)
	for {
		line, err := readLine(c.conn, make([]byte, 0, 512))
		if err != nil {
			return
		}
		a, err := parseAnswer(line)
		clear(line) // it may hold what the user typed
		if err != nil {
			return
		}
		c.answers <- session.Answer{
			ID: a.ID, Text: credential.NewSecret(a.Text), Pass: a.Pass, Refuse: a.Refuse,
			Environment: credential.Environment{
				AccessKeyID:     a.AccessKeyID,
				SecretAccessKey: credential.NewSecret(a.SecretAccessKey),
				SessionToken:    credential.NewSecret(a.SessionToken),
			},
		}
	}
}

// close closes the connection and waits until no goroutine reads from it.
func (c *caller) close() {
	c.conn.Close()
	if c.answers != nil {
		for range c.answers { // discard late answers
		}
	}
	c.reading.Wait()
}

// Environment asks the caller for its own AWS credentials.
func (c *caller) Environment(ctx context.Context) (credential.Environment, error) {
	c.ask(wire.Ask{Kind: wire.AskEnvironment})
	ctx, cancel := context.WithTimeout(ctx, wire.ReadTimeout)
	defer cancel()
	select {
	case a, ok := <-c.answers:
		if !ok {
			return credential.Environment{}, session.ErrGone
		}
		if a.Environment.AccessKeyID == "" || a.Environment.SecretAccessKey.Empty() {
			return credential.Environment{}, &credential.Failure{Code: wire.BadConfig,
				Reason: "credential_source = Environment, and the caller's environment holds no AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY",
				Hint:   "set both where the program runs, or name a source_profile in place of credential_source"}
		}
		return a.Environment, nil
	case <-ctx.Done():
		return credential.Environment{}, &credential.Failure{Code: wire.Temporary,
			Reason: "the caller did not tell its credentials in time", Hint: "try again"}
	}
}

// parseAnswer parses the line of an answer, and rejects unknown fields. It does not
// check the text that the user typed; it is checked where it is used.
func parseAnswer(line []byte) (wire.Answer, error) {
	var a wire.Answer
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil || a.V != wire.Version {
		return wire.Answer{}, errNoAnswer
	}
	if _, err := d.Token(); err != io.EOF {
		return wire.Answer{}, errNoAnswer
	}
	if slices.ContainsFunc([]string{a.ID, a.AccessKeyID, a.SecretAccessKey, a.SessionToken}, controls) {
		return wire.Answer{}, errNoAnswer
	}
	return a, nil
}

// errNoAnswer replaces the decoder's error, which may quote the user's text.
var errNoAnswer = errors.New("not an answer")

// asAsk converts a question to its wire form.
func asAsk(v prompt.View) wire.Ask {
	kind := wire.AskCode
	if v.Question.Kind == prompt.Visit {
		kind = wire.AskVisit
	}
	return wire.Ask{
		ID: v.ID, Kind: kind, Text: text.Line(v.Question.Text), Notice: text.Line(v.Question.Notice),
		URL: v.Question.URL, UserCode: v.Question.UserCode,
	}
}
