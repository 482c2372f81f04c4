package session

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
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

func TestAProbeThatHangsOnTheOldNetworkHoldsNoOneUpOnAnother(t *testing.T) {
	var where atomic.Value
	where.Store("home")
	play(t, func(st *stage) {
		names := st.crowd(6)
		st.Set(func() { st.Fault, st.Delay = sessiontest.ErrDown, time.Millisecond })
		for _, n := range names[:3] {
			st.ask(n)
		}
		time.Sleep(2 * time.Minute) // all back-offs are over
		st.Set(func() { st.Delay = 15 * time.Second })
		go st.ask(names[0]) // the probe
		time.Sleep(time.Second)
		where.Store("train")
		st.Set(func() { st.Fault, st.Delay = nil, time.Millisecond })
		for _, n := range names[3:] {
			if _, err := st.ask(n); err != nil {
				t.Errorf("%s: %v", n, err)
			}
		}
		time.Sleep(time.Minute)
	}, func(c *Config) { c.Network = func() string { return where.Load().(string) } })
}

func TestARefusalDoesNotHaveTheNetworkLookedAt(t *testing.T) {
	var looks atomic.Int64
	play(t, func(st *stage) {
		st.Plan("bad", "id-bad")
		st.mustAsk("prod")
		st.Set(func() { st.Fault = sessiontest.ErrDenied })
		if _, err := st.ask("bad"); sessiontest.Code(err) != wire.Denied {
			t.Fatal(err)
		}
		before := looks.Load()
		for range 100 {
			st.mustAsk("prod")
		}
		if n := looks.Load() - before; n > 0 {
			t.Errorf("%d looks in 100 warm requests", n)
		}
	}, func(c *Config) { c.Network = func() string { looks.Add(1); return "home" } })
}

// Calls that began at home fail after the move, which says nothing about the train.
func TestFailuresOfTheOldNetworkDoNotCountOnAnother(t *testing.T) {
	var where atomic.Value
	where.Store("home")
	play(t, func(st *stage) {
		names := st.crowd(8)
		st.Set(func() { st.Fault, st.Delay = sessiontest.ErrDown, 10*time.Second })
		for _, n := range names[3:7] {
			go st.ask(n)
		}
		synctest.Wait()
		st.Set(func() { st.Delay = time.Millisecond })
		for _, n := range names[:3] {
			st.ask(n)
		}
		where.Store("train")
		st.Set(func() { st.Fault = nil })
		time.Sleep(10*time.Second - st.Since() + 20*time.Millisecond)
		if _, err := st.ask(names[7]); err != nil {
			t.Errorf("after %v: %v", st.Since(), err)
		}
		time.Sleep(time.Minute)
	}, func(c *Config) { c.Network = func() string { return where.Load().(string) } })
}
