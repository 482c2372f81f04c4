package session

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/wire"
)

// loggedIn lets the user answer, and returns when prod has its session.
func (st *stage) loggedIn(t *testing.T) {
	t.Helper()
	h := st.helper("prod", true)
	r := h.next()
	if r.Ask == nil {
		t.Fatalf("not asked: %+v", r.Err)
	}
	h.enter(r.Ask.ID, "123456")
	if r = h.next(); r.Body == nil {
		t.Fatalf("%+v", r.Err)
	}
}

// use asks for prod once a minute for d, without a terminal, and fails unless it is
// served each time.
func (st *stage) use(t *testing.T, d time.Duration) {
	t.Helper()
	for range int(d / time.Minute) {
		time.Sleep(time.Minute)
		if r := st.helper("prod", false).withoutTerminal(); r.Body == nil {
			t.Fatalf("after %v: %+v", st.Since(), r.Err)
		}
	}
}

func TestRolesOnAnMFASessionGoOnForTwelveHoursWithOneCode(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		st.Set(func() { st.ByID = map[string]time.Duration{"id-base": 12 * time.Hour} })
		st.loggedIn(t)
		st.use(t, 12*time.Hour-10*time.Minute)
		if len(st.codes) != 1 {
			t.Errorf("%d codes in twelve hours", len(st.codes))
		}
	}, terminals)
}

func TestARoleIsRenewedAtFullLengthJustBeforeItsBaseEnds(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		st.Set(func() { st.ByID = map[string]time.Duration{"id-base": 2 * time.Hour} })
		st.loggedIn(t)
		st.use(t, 2*time.Hour-2*time.Minute)
		before := st.Count()
		st.use(t, 50*time.Minute) // the base ends meanwhile
		if n := st.Count(); n != before {
			t.Errorf("%d calls after the base's end", n-before)
		}
		if len(st.codes) != 1 {
			t.Errorf("%d codes", len(st.codes))
		}
		// In the end a person is needed, and that is said.
		for range 30 {
			time.Sleep(time.Minute)
			r := st.helper("prod", false).withoutTerminal()
			if r.Err != nil {
				if r.Err.Code != wire.LoginNeeded || !strings.Contains(r.Err.Hint, "understudy login") {
					t.Errorf("%+v", r.Err)
				}
				return
			}
		}
		t.Error("served for longer than any session lives")
	}, terminals)
}

func TestThePersonIsToldOnceThatTheLoginEnds(t *testing.T) {
	var told []string
	var at []time.Duration
	began := time.Time{}
	play(t, func(st *stage) {
		began = time.Now()
		st.withDevice()
		st.Set(func() { st.ByID = map[string]time.Duration{"id-base": 2 * time.Hour} })
		st.loggedIn(t)
		st.use(t, 2*time.Hour)
		synctest.Wait()
		if len(told) != 1 || at[0] < 99*time.Minute || at[0] > 101*time.Minute || !strings.Contains(told[0], "understudy login prod") {
			t.Errorf("told %q at %v", told, at)
		}
	}, terminals, func(c *Config) {
		c.Notify = func(_ context.Context, title, text string) {
			told, at = append(told, title+": "+text), append(at, time.Since(began))
		}
	})
}

func TestNobodyIsAskedInTheBackground(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		st.loggedIn(t) // an hour both
		st.use(t, 30*time.Minute)
		time.Sleep(3 * time.Hour) // nobody asks; renewals come to nothing
		if st.broker.cfg.Desk.Asking([]string{"mfa alice"}) {
			t.Error("a question is open that nobody waits for")
		}
		h := st.helper("prod", false)
		if r := h.next(); r.Ask == nil {
			t.Errorf("who asks after that is not asked: %+v", r)
		}
	}, terminals)
}

func TestALoginLateInASessionMakesANewOne(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		st.Set(func() { st.ByID = map[string]time.Duration{"id-base": 2 * time.Hour} })
		st.loggedIn(t)
		early := st.helper("prod", true)
		if r := early.next(); r.Body == nil {
			t.Fatalf("asked although the login is fresh: %+v", r)
		}
		st.use(t, 110*time.Minute)
		st.loggedIn(t)
		if len(st.codes) != 2 {
			t.Errorf("%d codes", len(st.codes))
		}
		st.use(t, 90*time.Minute)
	}, terminals)
}
