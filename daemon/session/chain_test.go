package session

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// chain makes prod a role that is assumed with the session of another.
func (st *stage) chain() (base, top *credential.Plan) {
	base, top = st.Plan("base", "id-base"), st.Plan("prod", "id-prod")
	top.Base = base
	return base, top
}

func TestChainFetchesItsBaseOnceAndShowsBoth(t *testing.T) {
	play(t, func(st *stage) {
		_, top := st.chain()
		var signed credential.Session
		fetch := top.Fetch
		top.Fetch = func(ctx context.Context, base credential.Session) (credential.Session, error) {
			signed = base
			return fetch(ctx, base)
		}
		st.mustAsk("prod")
		if signed.AccessKeyID != "ASIA-id-base-1" || st.Count() != 2 {
			t.Errorf("signed with %q after %d calls", signed.AccessKeyID, st.Count())
		}
		st.mustAsk("base")
		if n := len(st.broker.Status()); st.Count() != 2 || n != 2 {
			t.Errorf("%d calls, %d sessions in status", st.Count(), n)
		}
	})
}

func TestRefusedBaseIsReplacedOnceAndTheOtherRolesGoOn(t *testing.T) {
	play(t, func(st *stage) {
		_, top := st.chain()
		st.Plan("other", "id-other")
		st.mustAsk("other")
		refuse := 1
		top.Fetch = func(ctx context.Context, base credential.Session) (credential.Session, error) {
			if refuse > 0 {
				refuse--
				return credential.Session{}, &credential.Failure{Code: wire.LoginNeeded, Reason: "ExpiredToken", BaseRefused: true}
			}
			return st.Issue(ctx, "id-prod")
		}
		st.mustAsk("prod")
		if st.Count() != 4 { // other, base, base again, prod
			t.Errorf("%d calls", st.Count())
		}
		refuse = 2
		st.broker.Forget(context.Background(), "prod", false)
		if _, err := st.ask("prod"); sessiontest.Code(err) != wire.LoginNeeded {
			t.Errorf("got %v", err)
		}
		st.mustAsk("other")
	})
}

func TestChainIsRenewedForADayWithoutACallerWaiting(t *testing.T) {
	play(t, func(st *stage) {
		st.chain()
		st.mustAsk("prod")
		for range 24 * 60 {
			time.Sleep(time.Minute)
			began := time.Now()
			if st.mustAsk("prod"); time.Since(began) > 0 {
				t.Fatalf("waited %v", time.Since(began))
			}
		}
	})
}

func TestRemovedProfileIsNotRenewed(t *testing.T) {
	play(t, func(st *stage) {
		st.mustAsk("prod")
		st.Set(func() { delete(st.Plans, "prod") })
		time.Sleep(2 * time.Hour)
		if st.Count() != 1 || len(st.broker.Status()) != 0 {
			t.Errorf("%d calls, status %+v", st.Count(), st.broker.Status())
		}
	})
}

func TestUnusableConfigurationNeitherRenewsNorThrowsAway(t *testing.T) {
	var broken atomic.Bool
	play(t, func(st *stage) {
		first := st.mustAsk("prod")
		broken.Store(true)
		time.Sleep(40 * time.Minute)
		if st.Count() != 1 {
			t.Errorf("%d calls for a file that must not be used", st.Count())
		}
		if got := st.mustAsk("prod"); got.AccessKeyID != first.AccessKeyID && st.Count() == 1 {
			t.Error("the good session is gone")
		}
		broken.Store(false)
		time.Sleep(2 * time.Minute)
		if st.Count() != 2 {
			t.Errorf("%d calls after the configuration was fixed, want the renewal", st.Count())
		}
	}, refusing(&broken))
}
