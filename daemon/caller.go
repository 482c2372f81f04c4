package daemon

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// caller is the program at the other end of a connection, and whoever sits at
// its terminal.
type caller struct {
	conn   net.Conn
	peer   wire.Peer
	parked func()
	room   []byte // empty, to append the answer to: the request may have been there

	answers chan wire.Answer // of a goroutine that reads; closed with the connection; nil before the first question
	reading sync.WaitGroup
}

func reply(conn net.Conn, line []byte) {
	conn.SetWriteDeadline(time.Now().Add(wire.ReadTimeout))
	conn.Write(line) // a caller that has gone needs no answer
}

// wait tells the caller how long it may have to wait from now.
func (c *caller) wait(d time.Duration) {
	c.parked()
	reply(c.conn, wire.AppendWait(nil, d))
}

// ask asks the caller. What it says comes from answers.
func (c *caller) ask(a wire.Ask) {
	c.conn.SetReadDeadline(time.Now().Add(wire.AskWait + wire.ReadTimeout))
	if c.answers == nil {
		c.answers = make(chan wire.Answer)
		c.reading.Go(c.read)
	}
	reply(c.conn, wire.AppendAsk(nil, a))
}

// read yields the caller's answers until the connection ends. One that is
// malformed ends it.
func (c *caller) read() {
	defer close(c.answers)
	for {
		line, err := readLine(c.conn, make([]byte, 0, 512))
		if err != nil {
			return
		}
		a, err := parseAnswer(line)
		clear(line) // it may hold what a person typed
		if err != nil {
			return
		}
		c.answers <- a
	}
}

// leave closes the connection and waits until nobody reads from it.
func (c *caller) leave() {
	c.conn.Close()
	if c.answers != nil {
		for range c.answers { // what nobody waits for any more
		}
	}
	c.reading.Wait()
}

// errGone is the end of a caller that was being asked.
var errGone = errors.New("the caller has gone")

// environment asks the caller for its own AWS credentials.
func (c *caller) environment(ctx context.Context) (credential.Environment, error) {
	if c == nil {
		return credential.Environment{}, credential.ErrWantsEnvironment
	}
	c.ask(wire.Ask{Kind: wire.AskEnvironment})
	ctx, cancel := context.WithTimeout(ctx, wire.ReadTimeout)
	defer cancel()
	select {
	case a, ok := <-c.answers:
		if !ok {
			return credential.Environment{}, errGone
		}
		if a.AccessKeyID == "" || a.SecretAccessKey == "" {
			return credential.Environment{}, &credential.Failure{Code: wire.BadConfig,
				Reason: "credential_source = Environment, and the caller's environment holds no AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY",
				Hint:   "set both where the program runs, or name a source_profile in place of credential_source"}
		}
		return credential.Environment{
			AccessKeyID:     a.AccessKeyID,
			SecretAccessKey: credential.NewSecret(a.SecretAccessKey),
			SessionToken:    credential.NewSecret(a.SessionToken),
		}, nil
	case <-ctx.Done():
		return credential.Environment{}, &credential.Failure{Code: wire.Temporary,
			Reason: "the caller did not tell its credentials in time", Hint: "try again"}
	}
}

// planFor makes the plan that d asks for. Where the profile wants the caller's
// own credentials it asks for them and adds them to d.
func (s *Server) planFor(ctx context.Context, d *demand) (*credential.Plan, error) {
	p, err := s.cfg.Resolve(ctx, d.query)
	if !errors.Is(err, credential.ErrWantsEnvironment) {
		return p, err
	}
	env, err := d.from.environment(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	d.query.Environment = s.envs.one(env)
	s.mu.Unlock()
	return s.cfg.Resolve(ctx, d.query)
}

// environments gives one pointer to each set of callers' credentials, so that
// the queries of those who have the same compare as the same.
type environments struct {
	known map[[sha256.Size]byte]*credential.Environment
}

// maxEnvironments bounds them; past it the old are forgotten, which costs the
// renewal in the background of what they signed.
const maxEnvironments = 64

func (e *environments) one(env credential.Environment) *credential.Environment {
	h := sha256.New()
	for _, v := range []string{env.AccessKeyID, env.SecretAccessKey.Reveal(), env.SessionToken.Reveal()} {
		h.Write([]byte(v))
		h.Write([]byte{0})
	}
	key := [sha256.Size]byte(h.Sum(nil))
	if known := e.known[key]; known != nil {
		return known
	}
	if e.known == nil || len(e.known) >= maxEnvironments {
		e.known = make(map[[sha256.Size]byte]*credential.Environment)
	}
	e.known[key] = &env
	return &env
}

// parseAnswer takes the line of an answer apart; what is not known is refused. A
// person may have typed anything, which is judged where it is used.
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

// errNoAnswer stands in for the decoder's words, which may hold what was typed.
var errNoAnswer = errors.New("not an answer")

// asAsk is a question as the caller's side takes it.
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
