package daemon

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"understudy/cache"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

func TestLastGoodSessionIsServedUntilAMinuteIsLeft(t *testing.T) {
	play(t, func(st *stage) {
		first := st.mustAsk("prod")
		st.set(func() { st.fault = errDown })
		for range 59 {
			time.Sleep(time.Minute)
			ses, err := st.ask("prod")
			if first.Left(st.now()) <= floor {
				if code(err) != wire.Temporary {
					t.Fatalf("with %v left: %v", first.Left(st.now()), err)
				}
				continue
			}
			if err != nil || ses.AccessKeyID != first.AccessKeyID {
				t.Fatalf("with %v left: %v", first.Left(st.now()), err)
			}
		}
		if _, err := st.ask("prod"); code(err) != wire.Temporary {
			t.Fatalf("with %v left: %v", first.Left(st.now()), err)
		}
		st.set(func() { st.fault = nil })
		time.Sleep(80 * time.Second)
		if ses := st.mustAsk("prod"); ses.AccessKeyID == first.AccessKeyID {
			t.Error("not renewed when STS was back")
		}
	})
}

func TestOutageIsTriedTwelveTimesInFiveMinutesHoweverManyAsk(t *testing.T) {
	play(t, func(st *stage) {
		st.set(func() { st.fault, st.delay = errDown, time.Millisecond })
		slow := 0
		for range 5 * 60 * 20 {
			began := time.Now()
			if _, err := st.ask("prod"); code(err) != wire.Temporary {
				t.Fatalf("got %v", err)
			}
			if time.Since(began) > 100*time.Millisecond {
				slow++
			}
			time.Sleep(50 * time.Millisecond)
		}
		if n := st.count(); n > 12 {
			t.Errorf("%d calls", n)
		}
		if slow > 1 {
			t.Errorf("%d callers waited; only the first should", slow)
		}
	})
}

func TestSilentSTSIsGivenUpWithinFifteenSeconds(t *testing.T) {
	play(t, func(st *stage) {
		st.set(func() { st.delay = time.Hour })
		began := time.Now()
		if _, err := st.ask("prod"); code(err) != wire.Temporary {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(began); took >= 15*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// Nobody tells the daemon that a keychain was unlocked: the retry finds out.
func TestAPersonWhoHasActedElsewhereIsServedAtTheRetry(t *testing.T) {
	play(t, func(st *stage) {
		st.set(func() {
			st.fault = &credential.Failure{Code: wire.LoginNeeded, Reason: "locked", Hint: "unlock it", RetryAfter: time.Second}
		})
		for range 3 { // SDKs run the helper twice
			if _, err := st.ask("prod"); code(err) != wire.LoginNeeded {
				t.Fatalf("got %v", err)
			}
		}
		if n := st.count(); n != 1 {
			t.Errorf("%d calls for one caller's tries", n)
		}
		st.set(func() { st.fault = nil })
		time.Sleep(time.Second)
		st.mustAsk("prod")
	})
}

// A raw key is in the keychain under its own name, and nowhere else.
func TestARawKeyIsNotKeptAsASession(t *testing.T) {
	store := &counting{}
	play(t, func(st *stage) {
		p := st.plan("raw", "id-raw")
		p.Fetch = func(ctx context.Context, _ credential.Session) (credential.Session, error) {
			ses, err := st.issue(ctx, "id-raw")
			ses.Raw, ses.SessionToken = true, credential.Secret{}
			return ses, err
		}
		if ses := st.mustAsk("raw"); !ses.Raw {
			t.Error("not the raw key")
		}
		st.mustAsk("raw")
		if n := st.count(); n != 1 {
			t.Errorf("%d reads of it", n)
		}
		st.mustAsk("prod")
		synctest.Wait()
		if len(store.sets) != 1 || store.sets[0] == "" {
			t.Errorf("kept: %q", store.sets)
		}
	}, func(c *Config) {
		c.Cache.Close(context.Background())
		sessions, err := cache.Open(cache.Config{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		c.Cache = sessions
	})
	if len(store.sets) != 1 {
		t.Errorf("kept: %q", store.sets)
	}
}

// counting is a store that notes what it is to keep.
type counting struct{ sets []string }

func (c *counting) Get(context.Context, string) (credential.Secret, bool, error) {
	return credential.Secret{}, false, nil
}
func (c *counting) Set(_ context.Context, key string, _ credential.Secret) error {
	c.sets = append(c.sets, key)
	return nil
}
func (c *counting) Delete(context.Context, string) error { return nil }

func TestRetryAfterIsHeeded(t *testing.T) {
	play(t, func(st *stage) {
		st.set(func() {
			st.fault = &credential.Failure{Code: wire.Temporary, Reason: "slow down", Hint: "wait", RetryAfter: 40 * time.Second}
		})
		st.ask("prod")
		for range 39 {
			time.Sleep(time.Second)
			st.ask("prod")
		}
		if st.count() != 1 {
			t.Errorf("%d calls before the time was up", st.count())
		}
		st.set(func() { st.fault = nil })
		time.Sleep(5 * time.Second)
		st.mustAsk("prod")
	})
}

func TestRefusalDropsTheSessionAtOnceAndIsRememberedThirtySeconds(t *testing.T) {
	play(t, func(st *stage) {
		st.mustAsk("prod")
		st.set(func() { st.fault = errDenied })
		time.Sleep(36 * time.Minute) // the renewal in the background is refused
		for range 2 {
			if _, err := st.ask("prod"); code(err) != wire.Denied {
				t.Fatalf("got %v", err)
			}
		}
		n := st.count()
		time.Sleep(10 * time.Second)
		st.ask("prod")
		if st.count() != n {
			t.Error("asked again within 30 s")
		}
		if got := st.server.Status().Sessions[0]; got.State != Refused || got.LastError.Code != wire.Denied {
			t.Errorf("status %+v", got)
		}
		st.set(func() { st.fault = nil })
		if _, err := st.server.session(context.Background(), st.plans["prod"], demand{query: st.query("prod"), person: true}); err != nil {
			t.Errorf("a person is not let try again: %v", err)
		}
	})
}

func TestRefusalIsForgottenWhenTheConfigurationIsReadAnew(t *testing.T) {
	play(t, func(st *stage) {
		st.set(func() { st.fault = errDenied })
		st.ask("prod")
		st.set(func() { st.fault = nil })
		st.plan("prod", "id-prod") // another plan of the same identity
		st.mustAsk("prod")
	})
}

func TestSenselessAnswerNeverTouchesTheLastGoodSession(t *testing.T) {
	play(t, func(st *stage) {
		first := st.mustAsk("prod")
		p := *st.plans["prod"]
		p.Fetch = func(context.Context, credential.Session) (credential.Session, error) {
			return credential.Session{AccessKeyID: "ASIAHALF", Expiration: time.Now().Add(time.Hour), Lifetime: time.Hour, Issued: st.now()}, nil
		}
		st.set(func() { st.plans["prod"] = &p })
		for range 50 {
			time.Sleep(time.Minute)
			if got := st.mustAsk("prod"); got.AccessKeyID != first.AccessKeyID {
				t.Fatalf("served %q", got.AccessKeyID)
			}
		}
	})
}

func TestNoClockJumpServesAnExpiredSessionOrDoublesTheCalls(t *testing.T) {
	steady := callsInADay(t, func(int) time.Duration { return 0 })
	for name, off := range map[string]func(int) time.Duration{
		"8 h ahead":    func(int) time.Duration { return 8 * time.Hour },
		"8 h behind":   func(int) time.Duration { return -8 * time.Hour },
		"1970":         func(int) time.Duration { return -56 * 365 * 24 * time.Hour },
		"1,000 jumps":  func(int) time.Duration { return time.Duration(rand.Int64N(int64(600*time.Second))) - 300*time.Second },
		"ahead, later": func(i int) time.Duration { return time.Duration(i/700) * 8 * time.Hour },
	} {
		if n := callsInADay(t, off); n > 2*steady {
			t.Errorf("%s: %d calls, %d with a steady clock", name, n, steady)
		}
	}
}

// callsInADay asks each minute for a day while the wall clock is off by what
// off says, and returns how many fetches there were.
func callsInADay(t *testing.T, off func(minute int) time.Duration) (n int) {
	play(t, func(st *stage) {
		for i := range 24 * 60 {
			st.set(func() { st.wall = off(i) })
			if ses, err := st.ask("prod"); err == nil && !ses.Expiration.After(st.now().Wall) {
				t.Fatalf("minute %d: served a session that reads as expired", i)
			}
			time.Sleep(time.Minute)
		}
		n = st.count()
	})
	return n
}
