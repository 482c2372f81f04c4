package daemon

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

func TestOneFetchServesAllWhoAskAtOnce(t *testing.T) {
	play(t, func(st *stage) {
		var all sync.WaitGroup
		keys := make([]string, 200)
		for i := range keys {
			all.Go(func() {
				reply := st.send(`{"v":1,"op":"credentials","profile":"prod","config_file":"/c","credentials_file":"/d"}` + "\n")
				keys[i] = string(wire.ParseReply([]byte(reply)).Body)
			})
		}
		all.Wait()
		for _, k := range keys {
			if k != keys[0] || !strings.Contains(k, "ASIA-id-prod-1") {
				t.Fatalf("answers differ: %q and %q", k, keys[0])
			}
		}
		if st.count() != 1 {
			t.Errorf("%d fetches, want 1", st.count())
		}
		st.mustAsk("prod")
		if st.count() != 1 {
			t.Error("a warm call fetched again")
		}
	})
}

func TestTwoProfilesThatAskForTheSameShareOneSession(t *testing.T) {
	play(t, func(st *stage) {
		st.plan("also", "id-prod")
		if a, b := st.mustAsk("prod"), st.mustAsk("also"); a.AccessKeyID != b.AccessKeyID || st.count() != 1 {
			t.Errorf("%s and %s after %d fetches", a.AccessKeyID, b.AccessKeyID, st.count())
		}
		if got := st.server.Status().Sessions[0].Profiles; len(got) != 2 {
			t.Errorf("status names %v", got)
		}
	})
}

func TestFetchGoesOnWhenItsCallerHasGone(t *testing.T) {
	play(t, func(st *stage) {
		st.set(func() { st.delay = 4 * time.Second })
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		q := st.query("prod")
		if _, err := st.server.session(ctx, st.plans["prod"], demand{query: q}); code(err) != wire.Temporary {
			t.Fatalf("got %v", err)
		}
		time.Sleep(4 * time.Second)
		st.mustAsk("prod")
		if st.count() != 1 {
			t.Errorf("%d fetches, want the one of the caller that left", st.count())
		}
	})
}

func TestChangedConfigurationGivesANewSessionAtOnce(t *testing.T) {
	play(t, func(st *stage) {
		before := st.mustAsk("prod")
		st.plan("prod", "id-other")
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
			if left := ses.Left(st.now()); left < 20*time.Minute {
				t.Fatalf("served with %v left", left)
			}
		}
		// A session of an hour is renewed after 32 to 35 minutes.
		if n := st.count(); n < 24*60/35 || n > 24*60/32+1 {
			t.Errorf("%d fetches in a day", n)
		}
	})
}

func TestSessionThatNobodyUsesIsLeftToEnd(t *testing.T) {
	play(t, func(st *stage) {
		st.mustAsk("prod")
		time.Sleep(24 * time.Hour)
		// keep_warm is 2 h: renewed at 32..35, 64..70 and 96..105 minutes.
		if n := st.count(); n < 3 || n > 5 {
			t.Errorf("%d fetches, want those of two hours", n)
		}
		if got := st.server.Status().Sessions[0].State; got != Expired {
			t.Errorf("state %q", got)
		}
	})
}

// botocore asks the helper when 15 minutes are left, and on every use while
// what it got is still inside those.
func TestBotocoreRunsTheHelperOncePerSession(t *testing.T) {
	for _, life := range []time.Duration{20 * m, 30 * m, 45 * m, time.Hour, 12 * time.Hour} {
		play(t, func(st *stage) {
			st.set(func() { st.life = life })
			held, runs, seen := credential.Session{}, 0, map[string]bool{}
			for range int(3 * life / (10 * time.Second)) {
				if held.Expiration.Sub(st.now().Wall) < 15*m {
					held = st.mustAsk("prod")
					runs++
					seen[held.AccessKeyID] = true
				}
				if held.Left(st.now()) <= 10*m {
					t.Fatalf("life %v: botocore is left with %v", life, held.Left(st.now()))
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
		st.set(func() { st.delay = 10 * time.Second })
		var names []string
		for i := range 100 {
			name := "p" + string(rune('a'+i%26)) + string(rune('a'+i/26))
			names = append(names, name)
			st.plan(name, "id-"+name)
		}
		var all sync.WaitGroup
		for _, n := range names {
			all.Go(func() { st.mustAsk(n) })
		}
		all.Wait()
		time.Sleep(30 * time.Minute)
		st.set(func() { st.most = 0 })
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		if st.most != 4 || st.count() != 200 {
			t.Errorf("%d at a time, %d fetches in all; want 4 and 200", st.most, st.count())
		}
	})
}
