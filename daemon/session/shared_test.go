package session

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

func TestRefusalIsRememberedForAllProfilesThatShareASession(t *testing.T) {
	play(t, func(st *stage) {
		st.Plan("twin", "id-prod")
		st.Set(func() { st.Fault = sessiontest.ErrDenied })
		for range 10 {
			st.ask("prod")
			st.ask("twin")
		}
		if st.Count() != 1 {
			t.Errorf("%d calls for 20 asks within 30 s", st.Count())
		}
	})
}

func TestSharedSessionOutlivesTheProfileThatGoes(t *testing.T) {
	play(t, func(st *stage) {
		st.Plan("twin", "id-prod")
		st.mustAsk("prod")
		st.mustAsk("twin")
		st.Set(func() { delete(st.Plans, "twin"); st.Fault = sessiontest.ErrDown })
		time.Sleep(40 * time.Minute)
		st.mustAsk("prod") // nobody changed it, and 20 min of its session are left
	})
}

// A crash must not lose the profiles that share a session: forget finds it by their names.
func TestAnotherProfileOfASessionIsRecordedAtOnce(t *testing.T) {
	play(t, func(st *stage) {
		st.Plan("other", "id-prod")
		st.mustAsk("prod")
		time.Sleep(time.Second)
		st.mustAsk("other")
		if r := st.broker.cfg.Cache.Records(); len(r) != 1 || len(r[0].Profiles) != 2 {
			t.Errorf("%+v", r)
		}
	})
}

func TestRoleSessionDoesNotDieWithItsBase(t *testing.T) {
	play(t, func(st *stage) {
		base, _ := st.chain()
		st.mustAsk("prod")
		base.Fetch = func(context.Context, credential.Session) (credential.Session, error) {
			return credential.Session{}, sessiontest.ErrDenied
		}
		st.broker.mu.Lock()
		st.broker.entries["id-base"].drop(none)
		st.broker.mu.Unlock()
		time.Sleep(36 * time.Minute)
		for range 2 {
			st.mustAsk("prod")
			time.Sleep(5 * time.Second)
		}
	})
}

func TestWithdrawnTrustIsNotSignedForAgain(t *testing.T) {
	var untrusted atomic.Bool
	play(t, func(st *stage) {
		st.mustAsk("prod")
		untrusted.Store(true)
		time.Sleep(110 * time.Minute)
		if st.Count() != 1 {
			t.Errorf("%d calls after it was withdrawn", st.Count()-1)
		}
	}, refusing(&untrusted))
}

// refusing makes Resolve fail while it is set, as for a file that is malformed or not
// trusted.
func refusing(set *atomic.Bool) option {
	return func(c *Config) {
		resolve := c.Resolve
		c.Resolve = func(ctx context.Context, q credential.Query) (*credential.Plan, error) {
			if set.Load() {
				return nil, &credential.Failure{Code: wire.BadConfig, Reason: "config:3: no"}
			}
			return resolve(ctx, q)
		}
	}
}

func TestSessionOfAnEarlierDaemonSurvivesABrokenConfiguration(t *testing.T) {
	s, dir := &shelf{kept: map[string]credential.Secret{}}, t.TempDir()
	var broken atomic.Bool
	play(t, func(st *stage) {
		before := st.mustAsk("prod")
		time.Sleep(5 * time.Second)
		st.close()
		time.Sleep(37 * time.Minute) // the next daemon comes when it is due
		broken.Store(true)
		st.open(s.on(t, dir), refusing(&broken))
		time.Sleep(time.Second)
		broken.Store(false)
		st.Set(func() { st.Fault = sessiontest.ErrDown })
		if got := st.mustAsk("prod"); got.AccessKeyID != before.AccessKeyID {
			t.Errorf("served %q", got.AccessKeyID)
		}
	}, s.on(t, dir), refusing(&broken))
}

func TestSessionThatGrowsWarmAgainIsRenewed(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() { st.Life = 12 * time.Hour })
		st.mustAsk("prod")
		time.Sleep(5 * time.Hour) // cold after two
		synctest.Wait()
		for range 6 {
			st.mustAsk("prod")
			time.Sleep(time.Hour)
		}
		if st.Count() != 2 {
			t.Errorf("%d calls, want the renewal due after 10 h 45 min", st.Count())
		}
	})
}

func TestUsesAreKeptOverARestart(t *testing.T) {
	s, dir := &shelf{kept: map[string]credential.Secret{}}, t.TempDir()
	play(t, func(st *stage) {
		st.Set(func() { st.Life = 12 * time.Hour })
		st.mustAsk("prod")
		for range 60 { // ten hours
			time.Sleep(10 * time.Minute)
			st.mustAsk("prod")
		}
		st.close()
		st.open(s.on(t, dir))
		if got := st.broker.Status()[0].Uses; got != 61 {
			t.Errorf("%d uses after the restart", got)
		}
		time.Sleep(time.Hour)
		if st.Count() != 2 {
			t.Errorf("%d calls: used 45 min before it was due, and not renewed", st.Count())
		}
	}, s.on(t, dir))
}
