package socket

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// asks makes prod a session for which the user is asked for a code.
func asks(c *config) {
	desk := prompt.NewDesk(prompt.Config{})
	c.broker.Desk = desk
	resolve := c.broker.Resolve
	c.broker.Resolve = func(ctx context.Context, q credential.Query) (*credential.Plan, error) {
		p, err := resolve(ctx, q)
		if err != nil || p.Asks != "" {
			return p, err
		}
		p.Asks = "mfa alice"
		issue := p.Fetch
		p.Fetch = func(ctx context.Context, base credential.Session) (credential.Session, error) {
			code, err := desk.Ask(ctx, prompt.Question{About: p.Asks, Kind: prompt.Code, Text: "MFA code of alice"})
			if err != nil {
				return credential.Session{}, &credential.Failure{Code: wire.LoginNeeded, Reason: err.Error(), Hint: "log in"}
			}
			if code.Reveal() != "123456" {
				return credential.Session{}, sessiontest.ErrDenied
			}
			return issue(ctx, base)
		}
		return p, nil
	}
}

// client is the other end of one connection.
type client struct {
	net.Conn
	lines *bufio.Reader
}

func (st *stage) client(request string) client {
	near, far := net.Pipe()
	go st.serve(far)
	io.WriteString(near, request)
	return client{near, bufio.NewReaderSize(near, wire.MaxLine)}
}

// next is the next reply that is not a wait.
func (c client) next() wire.Reply {
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			return wire.Reply{}
		}
		if r := wire.ParseReply([]byte(strings.TrimSpace(line))); r.Wait == 0 {
			return r
		}
	}
}

func TestAQuestionGoesToTheCallersTerminalAndTheAnswerBack(t *testing.T) {
	play(t, func(st *stage) {
		c := st.client(askProd)
		r := c.next()
		if r.Ask == nil || r.Ask.Kind != wire.AskCode || r.Ask.Text != "MFA code of alice" {
			t.Fatalf("%+v", r)
		}
		c.Write(wire.Answer{ID: r.Ask.ID, Text: "123456"}.Append(nil))
		if r = c.next(); r.Body == nil || st.Count() != 1 {
			t.Errorf("%+v after %d calls", r.Err, st.Count())
		}
	}, asks)
}

func TestAMalformedAnswerEndsTheCallerAndNotTheQuestion(t *testing.T) {
	play(t, func(st *stage) {
		for _, line := range []string{"nonsense", `{"v":2,"id":"1"}`, `{"v":1,"text":"123456","more":1}`, strings.Repeat("x", wire.MaxLine+1)} {
			c := st.client(askProd)
			c.next()
			go io.WriteString(c, line+"\n")
			if r := c.next(); r.Body != nil || r.Ask != nil {
				t.Errorf("%.20q: %+v", line, r)
			}
			c.Close()
		}
		c := st.client(askProd)
		c.Write(wire.Answer{ID: c.next().Ask.ID, Text: "123456"}.Append(nil))
		if r := c.next(); r.Body == nil {
			t.Errorf("%+v", r.Err)
		}
	}, asks)
}

func TestTheCallersOwnCredentialsAreAskedForOverTheSocket(t *testing.T) {
	for name, c := range map[string]struct {
		answer wire.Answer
		want   wire.Code
	}{
		"it has them":  {wire.Answer{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "made-up"}, ""},
		"it has none":  {wire.Answer{}, wire.BadConfig},
		"half of them": {wire.Answer{AccessKeyID: "AKIAIOSFODNN7EXAMPLE"}, wire.BadConfig},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(st *stage) {
				conn := st.client(askProd)
				r := conn.next()
				if r.Ask == nil || r.Ask.Kind != wire.AskEnvironment {
					t.Fatalf("%+v", r)
				}
				conn.Write(c.answer.Append(nil))
				r = conn.next()
				if c.want == "" && r.Body == nil || c.want != "" && (r.Err == nil || r.Err.Code != c.want) {
					t.Errorf("%+v", r.Err)
				}
			}, func(c *config) {
				resolve := c.broker.Resolve
				c.broker.Resolve = func(ctx context.Context, q credential.Query) (*credential.Plan, error) {
					if q.Environment == nil {
						return nil, credential.ErrWantsEnvironment
					}
					if q.Environment.SecretAccessKey.Reveal() != "made-up" {
						return nil, errors.New("not what the caller said")
					}
					return resolve(ctx, q)
				}
			})
		})
	}
}
