package session

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/status"
	"understudy/internal/wire"
)

// device makes a profile whose session needs an MFA code from the user.
func (st *stage) device(name string) {
	p := st.Plan(name, "id-"+name)
	p.Asks, p.Manual = "mfa "+name, true
	p.Fetch = func(ctx context.Context, _ credential.Session) (credential.Session, error) {
		if credential.IsUnattended(ctx) {
			return credential.Session{}, &credential.Failure{Code: wire.LoginNeeded, Reason: "a code is needed", Hint: "log in", Unasked: true}
		}
		if _, err := st.broker.cfg.Desk.Ask(ctx, prompt.Question{About: p.Asks, Kind: prompt.Code, Text: "MFA code of " + name}); err != nil {
			return credential.Session{}, &credential.Failure{Code: wire.LoginNeeded, Reason: err.Error(), Hint: "understudy login"}
		}
		return st.Issue(ctx, p.ID)
	}
}

func TestPeopleWhoAreAskedDoNotHoldUpRenewals(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() { st.ByID = map[string]time.Duration{"id-prod": 4 * time.Hour} })
		st.mustAsk("prod")
		for i := range maxRenewals {
			name := fmt.Sprintf("device%d", i)
			st.device(name)
			h := st.helper(name, false)
			h.enter(h.next().Ask.ID, "123456")
			if r := h.next(); r.Body == nil {
				t.Fatalf("%+v", r.Err)
			}
		}
		time.Sleep(3*time.Hour + 45*time.Minute) // all have ended but prod, which is to be renewed before it is served
		for i := range maxRenewals {
			if r := st.helper(fmt.Sprintf("device%d", i), false).next(); r.Ask == nil {
				t.Fatalf("%+v", r.Err)
			}
		}
		synctest.Wait()
		began, before := time.Now(), st.Count()
		st.mustAsk("prod")
		if took := time.Since(began); took > time.Second || st.Count() == before {
			t.Errorf("it took %v and %d calls", took, st.Count()-before)
		}
	}, terminals)
}

func TestARoleThatIsServedIsReadyThoughItsNextSessionTakesAPerson(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		st.Set(func() { st.ByID = map[string]time.Duration{"id-base": 15 * time.Minute} })
		st.loggedIn(t)
		time.Sleep(51 * time.Minute) // the base has ended, the role is due
		if r := st.helper("prod", false).next(); r.Body == nil {
			t.Fatalf("%+v", r.Err)
		}
		synctest.Wait()
		for _, s := range st.broker.Status() {
			if s.RoleARN == st.Plans["prod"].RoleARN && s.State != status.Ready {
				t.Errorf("state %s, error %+v", s.State, s.LastError)
			}
		}
	}, terminals)
}

func TestAPersonAtHerLoginHasTimeForThreeCodes(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		base := st.Plans["base"]
		base.Fetch = func(ctx context.Context, _ credential.Session) (credential.Session, error) {
			for range 3 {
				code, err := st.broker.cfg.Desk.Ask(ctx, prompt.Question{About: base.Asks, Kind: prompt.Code, Text: "MFA code of alice"})
				if err != nil {
					return credential.Session{}, err
				}
				if code.Reveal() == "123456" {
					return st.Issue(ctx, "id-base")
				}
			}
			return credential.Session{}, sessiontest.ErrDenied
		}
		h := st.helper("prod", true)
		for _, code := range []string{"111111", "222222", "123456"} {
			r := h.next()
			if r.Ask == nil {
				t.Fatalf("at %v: %+v", st.Since(), r.Err)
			}
			time.Sleep(29 * time.Second) // until the device shows the next one
			h.enter(r.Ask.ID, code)
		}
		if r := h.next(); r.Body == nil {
			t.Errorf("at %v: %+v", st.Since(), r.Err)
		}
	}, terminals)
}

func TestALoginThatIsNotAnsweredHintsAtItselfAndNotAtTheKeys(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		h := st.helper("prod", true)
		h.next()
		if r := h.next(); r.Err == nil || !strings.HasSuffix(r.Err.Hint, "understudy login prod") {
			t.Errorf("%+v", r.Err)
		}
	}, terminals)
}
