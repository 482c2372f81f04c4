package session

import (
	"context"
	"testing"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// gate is a Policy that records the requests.
type gate struct {
	refusal error
	calls   []string
	caller  Caller
}

func (g *gate) Check(_ context.Context, c Caller, p *credential.Plan) (Caller, error) {
	g.calls = append(g.calls, "check "+p.Profile)
	c.Program = "aws"
	return c, g.refusal
}

func (g *gate) Record(c Caller, profile string, p *credential.Plan, err error) {
	g.caller = c
	said := "record " + profile
	if err != nil {
		said += " " + string(credential.AsFailure(err).Code)
	}
	g.calls = append(g.calls, said)
}

func TestThePolicyIsAskedBeforeAnythingIsDone(t *testing.T) {
	g := &gate{refusal: &credential.Failure{Code: wire.LoginNeeded, Reason: "locked", Hint: "unlock"}}
	play(t, func(st *stage) {
		_, err := st.broker.Get(context.Background(), sessiontest.Query("prod"), Want{Caller: Caller{Peer: wire.Peer{PID: 7}}})
		if sessiontest.Code(err) != wire.LoginNeeded || st.Count() != 0 || len(st.broker.entries) != 0 {
			t.Errorf("%v after %d calls, %d entries", err, st.Count(), len(st.broker.entries))
		}
		g.refusal = nil
		if _, err := st.broker.Get(context.Background(), sessiontest.Query("prod"), Want{Caller: Caller{Peer: wire.Peer{PID: 7}}}); err != nil {
			t.Error(err)
		}
		g.refusal = sessiontest.ErrDenied
		if _, err := st.broker.Get(context.Background(), sessiontest.Query("prod"), Want{}); sessiontest.Code(err) != wire.Denied {
			t.Errorf("a session that is there is handed out: %v", err)
		}
		if _, err := st.broker.Get(context.Background(), sessiontest.Query("typo"), Want{}); sessiontest.Code(err) != wire.UnknownProfile {
			t.Errorf("%v", err)
		}
	}, func(c *Config) { c.Policy = g })
	want := []string{"check prod", "record prod login-needed", "check prod", "record prod", "check prod", "record prod denied", "record typo unknown-profile"}
	if len(g.calls) != len(want) {
		t.Fatalf("%q", g.calls)
	}
	for i := range want {
		if g.calls[i] != want[i] {
			t.Errorf("call %d: %q, want %q", i, g.calls[i], want[i])
		}
	}
}

func TestTheLogGetsWhatThePolicyFoundOut(t *testing.T) {
	g := &gate{}
	play(t, func(st *stage) {
		if _, err := st.broker.Get(context.Background(), sessiontest.Query("prod"), Want{Caller: Caller{Peer: wire.Peer{PID: 7}}}); err != nil {
			t.Fatal(err)
		}
		if g.caller.Program != "aws" || g.caller.Peer.PID != 7 {
			t.Errorf("%+v", g.caller)
		}
	}, func(c *Config) { c.Policy = g })
}
