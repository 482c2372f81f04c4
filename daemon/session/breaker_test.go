package session

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// crowd adds n profiles, each with a session of its own, that ask one issuer.
func (st *stage) crowd(n int) (names []string) {
	for i := range n {
		name := fmt.Sprintf("p%d", i)
		st.Plan(name, "id-"+name).Issuer = "sts.example"
		names = append(names, name)
	}
	return names
}

func TestWhenSeveralAreTurnedDownOneAsksForAll(t *testing.T) {
	play(t, func(st *stage) {
		names := st.crowd(100)
		st.Set(func() { st.Fault, st.Delay = sessiontest.ErrDown, time.Millisecond })
		for range 5 * 60 {
			for _, name := range names {
				if _, err := st.ask(name); sessiontest.Code(err) != wire.Temporary || credential.AsFailure(err).Reason != sessiontest.ErrDown.Reason {
					t.Fatalf("got %v", err)
				}
			}
			time.Sleep(time.Second)
		}
		if n := st.Count(); n < 8 || n > 20 {
			t.Errorf("%d calls in five minutes for %d sessions", n, len(names))
		}
		st.Set(func() { st.Fault = nil })
		time.Sleep(75 * time.Second) // the longest back-off
		for _, name := range names[1:] {
			if _, err := st.ask(name); err != nil && st.broker.entries["id-"+name].backoff.failures == 0 {
				t.Fatalf("%s, when one was answered: %v", name, err)
			}
		}
	})
}

func TestOneBrokenRoleHoldsNoOtherUp(t *testing.T) {
	play(t, func(st *stage) {
		names := st.crowd(20)
		for i, name := range names {
			broken := i%2 == 0
			st.Set(func() {
				if st.Fault = nil; broken {
					st.Fault = sessiontest.ErrDown
				}
			})
			if _, err := st.ask(name); (err != nil) != broken {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestOtherIssuersAreAskedInAStorm(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() { st.Fault = sessiontest.ErrDown })
		for _, name := range st.crowd(tripAt) {
			st.ask(name)
		}
		st.Set(func() { st.Fault = nil })
		st.Plan("elsewhere", "id-elsewhere").Issuer = "sts.other.example"
		st.mustAsk("elsewhere")
		st.mustAsk("prod") // of which nobody says who issues it
	})
}

func TestAGoodSessionIsServedInAStormAndNothingIsAsked(t *testing.T) {
	play(t, func(st *stage) {
		names := st.crowd(tripAt + 1)
		good := st.mustAsk(names[0])
		st.Set(func() { st.Fault = sessiontest.ErrDown })
		for _, name := range names[1:] {
			st.ask(name)
		}
		time.Sleep(39 * time.Minute) // renewed in the background after 35, before answering after 40
		before := st.Count()
		for range 10 {
			if got := st.mustAsk(names[0]); got.AccessKeyID != good.AccessKeyID {
				t.Fatalf("served %s", got.AccessKeyID)
			}
		}
		if n := st.Count() - before; n > 2 {
			t.Errorf("%d calls for ten asks", n)
		}
	})
}

func TestAPersonIsToldHowItIsNow(t *testing.T) {
	play(t, func(st *stage) {
		names := st.crowd(tripAt + 2)
		st.Set(func() { st.Fault = sessiontest.ErrDown })
		for range 6 { // the back-off grows
			for _, name := range names[:tripAt] {
				st.ask(name)
			}
			time.Sleep(30 * time.Second)
		}
		st.ask(names[0])
		st.Set(func() { st.Fault = nil })
		if _, err := st.ask(names[tripAt]); sessiontest.Code(err) != wire.Temporary {
			t.Fatalf("a program, in the tripAt: %v", err)
		}
		p, _ := st.Resolve(context.Background(), sessiontest.Query(names[tripAt]))
		if _, err := st.broker.session(context.Background(), p, sessiontest.Query(names[tripAt]), Want{Interactive: true}); err != nil {
			t.Errorf("a person, when it is over: %v", err)
		}
		st.mustAsk(names[tripAt+1])
	})
}

func TestAStormStaysBehindOnTheOldNetwork(t *testing.T) {
	var where atomic.Value
	where.Store("home")
	play(t, func(st *stage) {
		names := st.crowd(tripAt + 2)
		st.Set(func() { st.Fault = sessiontest.ErrDown })
		for _, name := range names[:tripAt] {
			st.ask(name)
		}
		st.Set(func() { st.Fault = nil })
		if _, err := st.ask(names[tripAt]); sessiontest.Code(err) != wire.Temporary {
			t.Fatalf("on the same network: %v", err)
		}
		where.Store("train")
		for _, name := range names[tripAt:] {
			st.mustAsk(name)
		}
	}, func(c *Config) {
		c.Network = func() string { return where.Load().(string) }
	})
}
