package session

import (
	"testing"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/wire"
)

func TestOnAnotherNetworkTheNextRequestAsksAtOnce(t *testing.T) {
	where := "home"
	play(t, func(st *stage) {
		move := func(name string) { st.Set(func() { where = name }) }
		st.Set(func() { st.Fault = sessiontest.ErrDown })
		for st.Count() < 8 { // and the last call was just now
			if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Temporary {
				t.Fatalf("got %v", err)
			}
			time.Sleep(time.Second)
		}
		st.Set(func() { st.Fault = nil })
		before := st.Count()
		if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Temporary || st.Count() != before {
			t.Fatalf("on the same network: %v, %d calls; want the back-off", err, st.Count()-before)
		}
		move("train")
		if _, err := st.ask("prod"); err != nil || st.Count() != before+1 {
			t.Errorf("on another network: %v, %d calls", err, st.Count()-before)
		}
	}, func(c *Config) {
		c.Network = func() string { return where }
	})
}

func TestWhatTheIssuerAskedForCountsOnEveryNetwork(t *testing.T) {
	where := ""
	play(t, func(st *stage) {
		f := *sessiontest.ErrDown
		f.RetryAfter = 40 * time.Second
		st.Set(func() { st.Fault = &f })
		if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Temporary {
			t.Fatalf("got %v", err)
		}
		before := st.Count()
		st.Set(func() { where = "train" })
		if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Temporary || st.Count() != before {
			t.Errorf("%v, %d calls before its time", err, st.Count()-before)
		}
	}, func(c *Config) {
		c.Network = func() string { return where }
	})
}
