package session

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"understudy/cache"
	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// stage is a broker in a synctest bubble, with an issuer that the test controls.
type stage struct {
	*sessiontest.Issuer
	t      *testing.T
	broker *Broker
	codes  []string // that the user gave
}

type option func(*Config)

// play runs f on a stage in a bubble and closes the broker afterwards.
func play(t *testing.T, f func(*stage), options ...option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := &stage{t: t, Issuer: sessiontest.New()}
		st.open(options...)
		f(st)
		st.close()
	})
}

func (st *stage) open(options ...option) {
	st.t.Helper()
	sessions, err := cache.Open(cache.Config{})
	if err != nil {
		st.t.Fatal(err)
	}
	c := Config{Resolve: st.Resolve, Cache: sessions, Now: st.Now, Log: slog.New(slog.DiscardHandler)}
	for _, o := range options {
		o(&c)
	}
	st.broker = New(c)
}

func (st *stage) close() {
	st.broker.Close()
	if err := st.broker.cfg.Cache.Close(context.Background()); err != nil {
		st.t.Error(err)
	}
}

// ask asks for a profile, whose plan is the issuer's, whatever Config.Resolve says.
func (st *stage) ask(profile string) (credential.Session, error) {
	q := sessiontest.Query(profile)
	p, err := st.Resolve(context.Background(), q)
	if err != nil {
		return credential.Session{}, err
	}
	return st.broker.session(context.Background(), p, q, Want{})
}

func (st *stage) mustAsk(profile string) credential.Session {
	st.t.Helper()
	ses, err := st.ask(profile)
	if err != nil {
		st.t.Fatalf("after %v: %v", st.Since(), err)
	}
	return ses
}

// helper is a caller in this process, with a user at its terminal. It sees the same
// parts of an answer as a real helper.
type helper struct {
	replies chan wire.Reply // closed at the end
	answers chan Answer
}

// helper asks for profile; with login it is `understudy login`.
func (st *stage) helper(profile string, login bool) *helper {
	h := &helper{replies: make(chan wire.Reply, 16), answers: make(chan Answer, 16)}
	go func() {
		defer close(h.replies)
		ses, err := st.broker.Get(context.Background(), sessiontest.Query(profile), Want{Asker: asker{h}, Login: login})
		if err != nil {
			f := credential.AsFailure(err)
			h.replies <- wire.Reply{Err: &wire.Error{Code: f.Code, Message: f.Reason, Hint: f.Hint}}
			return
		}
		h.replies <- wire.Reply{Body: ses.AppendProcessJSON(nil)}
	}()
	return h
}

// next is the next reply that is not a wait.
func (h *helper) next() wire.Reply {
	for r := range h.replies {
		if r.Wait == 0 {
			return r
		}
	}
	return wire.Reply{}
}

func (h *helper) say(a Answer) { h.answers <- a }

func (h *helper) enter(id, code string) { h.say(Answer{ID: id, Text: credential.NewSecret(code)}) }

// end is the end of the helper's process.
func (h *helper) end() { close(h.answers) }

// withoutTerminal passes every question on, and returns the final reply.
func (h *helper) withoutTerminal() wire.Reply {
	for {
		r := h.next()
		if r.Ask == nil {
			return r
		}
		h.say(Answer{ID: r.Ask.ID, Pass: true})
	}
}
