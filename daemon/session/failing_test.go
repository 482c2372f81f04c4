package session

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"understudy/cache"
	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/status"
	"understudy/internal/wire"
)

func TestLastGoodSessionIsServedUntilAMinuteIsLeft(t *testing.T) {
	play(t, func(st *stage) {
		first := st.mustAsk("prod")
		st.Set(func() { st.Fault = sessiontest.ErrDown })
		for range 59 {
			time.Sleep(time.Minute)
			ses, err := st.ask("prod")
			if first.Left(st.Now()) <= floor {
				if sessiontest.Code(err) != wire.Temporary {
					t.Fatalf("with %v left: %v", first.Left(st.Now()), err)
				}
				continue
			}
			if err != nil || ses.AccessKeyID != first.AccessKeyID {
				t.Fatalf("with %v left: %v", first.Left(st.Now()), err)
			}
		}
		if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Temporary {
			t.Fatalf("with %v left: %v", first.Left(st.Now()), err)
		}
		st.Set(func() { st.Fault = nil })
		time.Sleep(80 * time.Second)
		if ses := st.mustAsk("prod"); ses.AccessKeyID == first.AccessKeyID {
			t.Error("not renewed when STS was back")
		}
	})
}

func TestOutageIsTriedTwelveTimesInFiveMinutesHoweverManyAsk(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() { st.Fault, st.Delay = sessiontest.ErrDown, time.Millisecond })
		slow := 0
		for range 5 * 60 * 20 {
			began := time.Now()
			if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Temporary {
				t.Fatalf("got %v", err)
			}
			if time.Since(began) > 100*time.Millisecond {
				slow++
			}
			time.Sleep(50 * time.Millisecond)
		}
		if n := st.Count(); n > 12 {
			t.Errorf("%d calls", n)
		}
		if slow > 1 {
			t.Errorf("%d callers waited; only the first should", slow)
		}
	})
}

func TestSilentSTSIsGivenUpWithinFifteenSeconds(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() { st.Delay = time.Hour })
		began := time.Now()
		if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Temporary {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(began); took >= 15*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// The daemon is not notified when a keychain is unlocked: the retry finds out.
func TestAPersonWhoHasActedElsewhereIsServedAtTheRetry(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() {
			st.Fault = &credential.Failure{Code: wire.LoginNeeded, Reason: "locked", Hint: "unlock it", RetryAfter: time.Second}
		})
		for range 3 { // SDKs run the helper twice
			if _, err := st.ask("prod"); sessiontest.Code(err) != wire.LoginNeeded {
				t.Fatalf("got %v", err)
			}
		}
		if n := st.Count(); n != 1 {
			t.Errorf("%d calls for one caller's tries", n)
		}
		st.Set(func() { st.Fault = nil })
		time.Sleep(time.Second)
		st.mustAsk("prod")
	})
}

// A raw key is in the keychain under its own name, and nowhere else.
func TestARawKeyIsNotKeptAsASession(t *testing.T) {
	store := &counting{}
	play(t, func(st *stage) {
		p := st.Plan("raw", "id-raw")
		p.Fetch = func(ctx context.Context, _ credential.Session) (credential.Session, error) {
			ses, err := st.Issue(ctx, "id-raw")
			ses.Raw, ses.SessionToken = true, credential.Secret{}
			return ses, err
		}
		if ses := st.mustAsk("raw"); !ses.Raw {
			t.Error("not the raw key")
		}
		st.mustAsk("raw")
		if n := st.Count(); n != 1 {
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

// counting is a store that records the keys that are set.
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
		st.Set(func() {
			st.Fault = &credential.Failure{Code: wire.Temporary, Reason: "slow down", Hint: "wait", RetryAfter: 40 * time.Second}
		})
		st.ask("prod")
		for range 39 {
			time.Sleep(time.Second)
			st.ask("prod")
		}
		if st.Count() != 1 {
			t.Errorf("%d calls before the time was up", st.Count())
		}
		st.Set(func() { st.Fault = nil })
		time.Sleep(5 * time.Second)
		st.mustAsk("prod")
	})
}

func TestRefusalDropsTheSessionAtOnceAndIsRememberedThirtySeconds(t *testing.T) {
	play(t, func(st *stage) {
		st.mustAsk("prod")
		st.Set(func() { st.Fault = sessiontest.ErrDenied })
		time.Sleep(36 * time.Minute) // the renewal in the background is refused
		for range 2 {
			if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Denied {
				t.Fatalf("got %v", err)
			}
		}
		n := st.Count()
		time.Sleep(10 * time.Second)
		st.ask("prod")
		if st.Count() != n {
			t.Error("asked again within 30 s")
		}
		if got := st.broker.Status()[0]; got.State != status.Refused || got.LastError.Code != wire.Denied {
			t.Errorf("status %+v", got)
		}
		st.Set(func() { st.Fault = nil })
		if _, err := st.broker.session(context.Background(), st.Plans["prod"], sessiontest.Query("prod"), Want{Interactive: true}); err != nil {
			t.Errorf("a person is not let try again: %v", err)
		}
	})
}

func TestRefusalIsForgottenWhenTheConfigurationIsReadAnew(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() { st.Fault = sessiontest.ErrDenied })
		st.ask("prod")
		st.Set(func() { st.Fault = nil })
		st.Plan("prod", "id-prod") // another plan of the same identity
		st.mustAsk("prod")
	})
}

func TestSenselessAnswerNeverTouchesTheLastGoodSession(t *testing.T) {
	play(t, func(st *stage) {
		first := st.mustAsk("prod")
		p := *st.Plans["prod"]
		p.Fetch = func(context.Context, credential.Session) (credential.Session, error) {
			return credential.Session{AccessKeyID: "ASIAHALF", Expiration: time.Now().Add(time.Hour), Lifetime: time.Hour, Issued: st.Now()}, nil
		}
		st.Set(func() { st.Plans["prod"] = &p })
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
			st.Set(func() { st.Wall = off(i) })
			if ses, err := st.ask("prod"); err == nil && !ses.Expiration.After(st.Now().Wall) {
				t.Fatalf("minute %d: served a session that reads as expired", i)
			}
			time.Sleep(time.Minute)
		}
		n = st.Count()
	})
	return n
}

func TestPanicInAFetchCostsThatFetch(t *testing.T) {
	play(t, func(st *stage) {
		boom := st.Plan("boom", "id-boom")
		boom.Fetch = func(context.Context, credential.Session) (credential.Session, error) { panic("boom") }
		if _, err := st.ask("boom"); sessiontest.Code(err) != wire.Temporary {
			t.Errorf("got %v", err)
		}
		st.mustAsk("prod")
	})
}
