package session

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/status"
	"understudy/internal/wire"
)

func TestOneFetchServesAllWhoAskAtOnce(t *testing.T) {
	play(t, func(st *stage) {
		var all sync.WaitGroup
		keys := make([]string, 200)
		for i := range keys {
			all.Go(func() {
				keys[i] = string(st.helper("prod", false).next().Body)
			})
		}
		all.Wait()
		for _, k := range keys {
			if k != keys[0] || !strings.Contains(k, "ASIA-id-prod-1") {
				t.Fatalf("answers differ: %q and %q", k, keys[0])
			}
		}
		if st.Count() != 1 {
			t.Errorf("%d fetches, want 1", st.Count())
		}
		st.mustAsk("prod")
		if st.Count() != 1 {
			t.Error("a warm call fetched again")
		}
	})
}

func TestTwoProfilesThatAskForTheSameShareOneSession(t *testing.T) {
	play(t, func(st *stage) {
		st.Plan("also", "id-prod")
		if a, b := st.mustAsk("prod"), st.mustAsk("also"); a.AccessKeyID != b.AccessKeyID || st.Count() != 1 {
			t.Errorf("%s and %s after %d fetches", a.AccessKeyID, b.AccessKeyID, st.Count())
		}
		if got := st.broker.Status()[0].Profiles; len(got) != 2 {
			t.Errorf("status names %v", got)
		}
	})
}

func TestFetchGoesOnWhenItsCallerHasGone(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() { st.Delay = 4 * time.Second })
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		q := sessiontest.Query("prod")
		if _, err := st.broker.session(ctx, st.Plans["prod"], q, Want{}); sessiontest.Code(err) != wire.Temporary {
			t.Fatalf("got %v", err)
		}
		time.Sleep(4 * time.Second)
		st.mustAsk("prod")
		if st.Count() != 1 {
			t.Errorf("%d fetches, want the one of the caller that left", st.Count())
		}
	})
}

func TestChangedConfigurationGivesANewSessionAtOnce(t *testing.T) {
	play(t, func(st *stage) {
		before := st.mustAsk("prod")
		st.Plan("prod", "id-other")
		if after := st.mustAsk("prod"); after.AccessKeyID == before.AccessKeyID {
			t.Error("the old session is still served")
		}
	})
}

func TestSessionInUseIsRenewedBeforeAnybodyHasToWait(t *testing.T) {
	play(t, func(st *stage) {
		st.mustAsk("prod")
		for range 24 * 60 {
			time.Sleep(time.Minute)
			began := time.Now()
			ses := st.mustAsk("prod")
			if time.Since(began) > 0 {
				t.Fatalf("waited %v", time.Since(began))
			}
			if left := ses.Left(st.Now()); left < 20*time.Minute {
				t.Fatalf("served with %v left", left)
			}
		}
		// A session of an hour is renewed after 32 to 35 minutes.
		if n := st.Count(); n < 24*60/35 || n > 24*60/32+1 {
			t.Errorf("%d fetches in a day", n)
		}
	})
}

func TestSessionThatNobodyUsesIsLeftToEnd(t *testing.T) {
	play(t, func(st *stage) {
		st.mustAsk("prod")
		time.Sleep(24 * time.Hour)
		// keep_warm is 2 h: renewed at 32..35, 64..70 and 96..105 minutes.
		if n := st.Count(); n < 3 || n > 5 {
			t.Errorf("%d fetches, want those of two hours", n)
		}
		if got := st.broker.Status()[0].State; got != status.Expired {
			t.Errorf("state %q", got)
		}
	})
}

// botocore runs the helper when 15 minutes are left, and then on every use until it
// gets a session with more.
func TestBotocoreRunsTheHelperOncePerSession(t *testing.T) {
	for _, life := range []time.Duration{20 * m, 30 * m, 45 * m, time.Hour, 12 * time.Hour} {
		play(t, func(st *stage) {
			st.Set(func() { st.Life = life })
			held, runs, seen := credential.Session{}, 0, map[string]bool{}
			for range int(3 * life / (10 * time.Second)) {
				if held.Expiration.Sub(st.Now().Wall) < 15*m {
					held = st.mustAsk("prod")
					runs++
					seen[held.AccessKeyID] = true
				}
				if held.Left(st.Now()) <= 10*m {
					t.Fatalf("life %v: botocore is left with %v", life, held.Left(st.Now()))
				}
				time.Sleep(10 * time.Second)
			}
			if runs != len(seen) || runs < 3 {
				t.Errorf("life %v: %d runs for %d sessions", life, runs, len(seen))
			}
		})
	}
}

func TestAtMostFourRenewalsAtATime(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() { st.Delay = 10 * time.Second })
		var names []string
		for i := range 100 {
			name := "p" + string(rune('a'+i%26)) + string(rune('a'+i/26))
			names = append(names, name)
			st.Plan(name, "id-"+name)
		}
		var all sync.WaitGroup
		for _, n := range names {
			all.Go(func() { st.mustAsk(n) })
		}
		all.Wait()
		time.Sleep(30 * time.Minute)
		st.Set(func() { st.Most = 0 })
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		if st.Most != 4 || st.Count() != 200 {
			t.Errorf("%d at a time, %d fetches in all; want 4 and 200", st.Most, st.Count())
		}
	})
}
