package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

func TestACommandIsWaitedForAsAPersonIs(t *testing.T) {
	play(t, func(st *stage) {
		st.Plans["prod"].Runs = true
		top := st.Plan("top", "id-top")
		top.Base = st.Plans["prod"]
		st.Set(func() { st.Delay = 20 * time.Second })
		began := time.Now()
		if reply := string(st.helper("prod", false).next().Body); !strings.Contains(reply, "ASIA-id-prod-1") {
			t.Errorf("after %v: %s", time.Since(began), reply)
		}
		if reply := string(st.helper("top", false).next().Body); !strings.Contains(reply, "ASIA-id-top-2") {
			t.Errorf("a role on it: %s", reply)
		}
	})
}

func TestACommandHasAMinuteThoughItsCallersGiveUp(t *testing.T) {
	play(t, func(st *stage) {
		st.Plans["prod"].Runs = true
		st.Set(func() { st.Delay = 65 * time.Second })
		began := time.Now()
		if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Temporary {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > wire.AskWait {
			t.Errorf("the caller waited %v", took)
		}
		time.Sleep(70*time.Second - time.Since(began))
		if ses := st.mustAsk("prod"); ses.AccessKeyID != "ASIA-id-prod-1" || st.Count() != 1 {
			t.Errorf("%s after %d runs", ses.AccessKeyID, st.Count())
		}
	})
}

func TestACommandThatGivesNothingIsNotRunTwiceForOneCall(t *testing.T) {
	play(t, func(st *stage) {
		st.Plans["prod"].Runs = true
		st.Set(func() { st.Fault = sessiontest.ErrDown })
		if _, err := st.ask("prod"); sessiontest.Code(err) != wire.Temporary {
			t.Errorf("got %v", err)
		}
		if st.Count() != 1 {
			t.Errorf("run %d times", st.Count())
		}
	})
}

// stamped replaces the profile's plan by one for the same session, whose file had this
// stamp.
func (st *stage) stamped(profile, stamp string) {
	p := st.Plan(profile, "id-"+profile)
	st.Set(func() { p.Stamp = stamp })
}

func TestASessionIsRenewedWhenWhatItWasMadeFromChanges(t *testing.T) {
	play(t, func(st *stage) {
		st.stamped("prod", "one")
		st.mustAsk("prod")
		st.stamped("prod", "one") // the configuration was read again
		st.mustAsk("prod")
		synctest.Wait()
		if st.Count() != 1 {
			t.Fatalf("%d fetches for an unchanged file", st.Count())
		}
		st.stamped("prod", "two")
		if ses := st.mustAsk("prod"); ses.AccessKeyID != "ASIA-id-prod-1" {
			t.Errorf("a caller waited for the new one: %s", ses.AccessKeyID)
		}
		time.Sleep(time.Second)
		if ses := st.mustAsk("prod"); ses.AccessKeyID != "ASIA-id-prod-2" {
			t.Errorf("served %s after the file had changed", ses.AccessKeyID)
		}
		time.Sleep(time.Minute)
		st.mustAsk("prod")
		if st.Count() != 2 {
			t.Errorf("%d fetches", st.Count())
		}
	})
}

func TestAChangeForTheWorseLeavesTheSessionServedAndOneForTheBetterIsTakenAtOnce(t *testing.T) {
	expired := &credential.Failure{Code: wire.LoginNeeded, Reason: "ExpiredTokenException", Hint: "write a new token"}
	play(t, func(st *stage) {
		st.stamped("prod", "one")
		st.mustAsk("prod")
		st.Set(func() { st.Fault = expired })
		st.stamped("prod", "old token")
		for range 100 {
			if ses := st.mustAsk("prod"); ses.AccessKeyID != "ASIA-id-prod-1" {
				t.Fatalf("served %s", ses.AccessKeyID)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if st.Count() != 2 {
			t.Errorf("%d fetches in ten seconds, want one that was refused", st.Count()-1)
		}
		st.Set(func() { st.Fault = nil })
		st.stamped("prod", "new token")
		st.mustAsk("prod")
		time.Sleep(time.Second)
		if ses := st.mustAsk("prod"); ses.AccessKeyID != "ASIA-id-prod-3" {
			t.Errorf("served %s once the file was good", ses.AccessKeyID)
		}
	})
}

func TestWhatIsRefusedIsForgottenWhenTheFileChanges(t *testing.T) {
	expired := &credential.Failure{Code: wire.LoginNeeded, Reason: "ExpiredTokenException", Hint: "write a new token"}
	play(t, func(st *stage) {
		st.stamped("prod", "old token")
		st.Set(func() { st.Fault = expired })
		for range 3 {
			if _, err := st.ask("prod"); sessiontest.Code(err) != wire.LoginNeeded {
				t.Fatalf("got %v", err)
			}
		}
		if st.Count() != 1 {
			t.Errorf("%d fetches for a refusal that is remembered", st.Count())
		}
		st.Set(func() { st.Fault = nil })
		st.stamped("prod", "new token")
		st.mustAsk("prod")
	})
}

func TestASessionOfAnEarlierDaemonIsNotRenewedForItsFileAlone(t *testing.T) {
	play(t, func(st *stage) {
		st.mustAsk("prod") // made by a plan without a stamp, as one from the store
		st.stamped("prod", "one")
		st.mustAsk("prod")
		synctest.Wait()
		if st.Count() != 1 {
			t.Errorf("%d fetches", st.Count())
		}
		st.stamped("prod", "two")
		st.mustAsk("prod")
		time.Sleep(time.Second)
		if st.Count() != 2 {
			t.Errorf("%d fetches after the file changed", st.Count())
		}
	})
}
