package daemon

import (
	"testing"
	"time"

	"understudy/internal/wire"
)

func TestOnAnotherNetworkTheNextRequestAsksAtOnce(t *testing.T) {
	where := "home"
	play(t, func(st *stage) {
		network := func(name string) { st.set(func() { where = name }) }
		st.set(func() { st.fault = errDown })
		for st.count() < 8 { // and the last call was just now
			if _, err := st.ask("prod"); code(err) != wire.Temporary {
				t.Fatalf("got %v", err)
			}
			time.Sleep(time.Second)
		}
		st.set(func() { st.fault = nil })
		before := st.count()
		if _, err := st.ask("prod"); code(err) != wire.Temporary || st.count() != before {
			t.Fatalf("on the same network: %v, %d calls; want the back-off", err, st.count()-before)
		}
		network("train")
		if _, err := st.ask("prod"); err != nil || st.count() != before+1 {
			t.Errorf("on another network: %v, %d calls", err, st.count()-before)
		}
	}, func(c *Config) {
		c.Network = func() string { return where }
	})
}

func TestWhatTheIssuerAskedForCountsOnEveryNetwork(t *testing.T) {
	where := ""
	play(t, func(st *stage) {
		f := *errDown
		f.RetryAfter = 40 * time.Second
		st.set(func() { st.fault = &f })
		if _, err := st.ask("prod"); code(err) != wire.Temporary {
			t.Fatalf("got %v", err)
		}
		before := st.count()
		st.set(func() { where = "train" })
		if _, err := st.ask("prod"); code(err) != wire.Temporary || st.count() != before {
			t.Errorf("%v, %d calls before its time", err, st.count()-before)
		}
	}, func(c *Config) {
		c.Network = func() string { return where }
	})
}

func TestTheNetworkHasANameThatStays(t *testing.T) {
	if first := Network(); first == "" || first != Network() {
		t.Errorf("%q, then %q", first, Network())
	}
}
