package daemon

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

const askForProd = `{"v":1,"op":"credentials","profile":"prod","config_file":"/c","credentials_file":"/d"}` + "\n"

func TestACommandIsWaitedForAsAPersonIs(t *testing.T) {
	play(t, func(st *stage) {
		st.plans["prod"].Runs = true
		top := st.plan("top", "id-top")
		top.Base = st.plans["prod"]
		st.set(func() { st.delay = 20 * time.Second })
		began := time.Now()
		if reply := st.send(askForProd); !strings.Contains(reply, "ASIA-id-prod-1") {
			t.Errorf("after %v: %s", time.Since(began), reply)
		}
		if reply := st.send(strings.Replace(askForProd, `"prod"`, `"top"`, 1)); !strings.Contains(reply, "ASIA-id-top-2") {
			t.Errorf("a role on it: %s", reply)
		}
	})
}

func TestACommandHasAMinuteThoughItsCallersGiveUp(t *testing.T) {
	play(t, func(st *stage) {
		st.plans["prod"].Runs = true
		st.set(func() { st.delay = 65 * time.Second })
		began := time.Now()
		if _, err := st.ask("prod"); code(err) != wire.Temporary {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > wire.AskWait {
			t.Errorf("the caller waited %v", took)
		}
		time.Sleep(70*time.Second - time.Since(began))
		if ses := st.mustAsk("prod"); ses.AccessKeyID != "ASIA-id-prod-1" || st.count() != 1 {
			t.Errorf("%s after %d runs", ses.AccessKeyID, st.count())
		}
	})
}

func TestACommandThatGivesNothingIsNotRunTwiceForOneCall(t *testing.T) {
	play(t, func(st *stage) {
		st.plans["prod"].Runs = true
		st.set(func() { st.fault = errDown })
		if _, err := st.ask("prod"); code(err) != wire.Temporary {
			t.Errorf("got %v", err)
		}
		if st.count() != 1 {
			t.Errorf("run %d times", st.count())
		}
	})
}

// stamped puts a plan of the same session in the profile's place, made when the
// file it reads was as the stamp says.
func (st *stage) stamped(profile, stamp string) {
	p := st.plan(profile, "id-"+profile)
	st.set(func() { p.Stamp = stamp })
}

func TestASessionIsRenewedWhenWhatItWasMadeFromChanges(t *testing.T) {
	play(t, func(st *stage) {
		st.stamped("prod", "one")
		st.mustAsk("prod")
		st.stamped("prod", "one") // the configuration was read again
		st.mustAsk("prod")
		synctest.Wait()
		if st.count() != 1 {
			t.Fatalf("%d fetches for an unchanged file", st.count())
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
		if st.count() != 2 {
			t.Errorf("%d fetches", st.count())
		}
	})
}

func TestAChangeForTheWorseLeavesTheSessionServedAndOneForTheBetterIsTakenAtOnce(t *testing.T) {
	expired := &credential.Failure{Code: wire.LoginNeeded, Reason: "ExpiredTokenException", Hint: "write a new token"}
	play(t, func(st *stage) {
		st.stamped("prod", "one")
		st.mustAsk("prod")
		st.set(func() { st.fault = expired })
		st.stamped("prod", "old token")
		for range 100 {
			if ses := st.mustAsk("prod"); ses.AccessKeyID != "ASIA-id-prod-1" {
				t.Fatalf("served %s", ses.AccessKeyID)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if st.count() != 2 {
			t.Errorf("%d fetches in ten seconds, want one that was refused", st.count()-1)
		}
		st.set(func() { st.fault = nil })
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
		st.set(func() { st.fault = expired })
		for range 3 {
			if _, err := st.ask("prod"); code(err) != wire.LoginNeeded {
				t.Fatalf("got %v", err)
			}
		}
		if st.count() != 1 {
			t.Errorf("%d fetches for a refusal that is remembered", st.count())
		}
		st.set(func() { st.fault = nil })
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
		if st.count() != 1 {
			t.Errorf("%d fetches", st.count())
		}
		st.stamped("prod", "two")
		st.mustAsk("prod")
		time.Sleep(time.Second)
		if st.count() != 2 {
			t.Errorf("%d fetches after the file changed", st.count())
		}
	})
}
