package session

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/status"
	"understudy/internal/wire"
)

// withDevice makes "base" a session that needs the user, and "prod" a role on it.
func (st *stage) withDevice() {
	base := st.Plan("base", "id-base")
	base.Asks, base.Manual = "mfa alice", true
	base.Fetch = func(ctx context.Context, _ credential.Session) (credential.Session, error) {
		if credential.IsUnattended(ctx) {
			return credential.Session{}, &credential.Failure{Code: wire.LoginNeeded, Reason: "a code is needed", Hint: "log in", Unasked: true}
		}
		code, err := st.broker.cfg.Desk.Ask(ctx, prompt.Question{About: base.Asks, Kind: prompt.Code, Text: "MFA code of alice"})
		if err != nil {
			return credential.Session{}, &credential.Failure{Code: wire.LoginNeeded, Reason: err.Error(), Hint: "understudy login"}
		}
		st.Set(func() { st.codes = append(st.codes, code.Reveal()) })
		return st.Issue(ctx, "id-base")
	}
	st.Set(func() { st.Plans["prod"].Base = base })
}

func terminals(c *Config) { c.Desk = prompt.NewDesk(prompt.Config{}) }

func TestFiftyAtOnceAreOneQuestionOneFetchAndFiftyAnswers(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		replies := make(chan wire.Reply)
		questions := make(chan struct{}, 50)
		for i := range 50 {
			h := st.helper("prod", false)
			go func() {
				if i%2 == 0 {
					replies <- h.withoutTerminal()
					return
				}
				r := h.next()
				if r.Ask != nil {
					questions <- struct{}{}
					time.Sleep(20 * time.Second) // until she has found her phone
					h.enter(r.Ask.ID, "123456")
					r = h.next()
				}
				replies <- r
			}()
		}
		for range 50 {
			if r := <-replies; r.Body == nil {
				t.Errorf("no session: %+v", r.Err)
			}
		}
		if len(questions) != 1 || len(st.codes) != 1 || st.Count() != 2 {
			t.Errorf("%d questions, %d codes, %d calls", len(questions), len(st.codes), st.Count())
		}
	}, terminals)
}

func TestAHelperKilledWhileItAsksHandsTheQuestionOn(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		first := st.helper("prod", false)
		if r := first.next(); r.Ask == nil {
			t.Fatalf("%+v", r)
		}
		second := st.helper("prod", false)
		synctest.Wait()
		first.end()
		r := second.next()
		if r.Ask == nil || r.Ask.Text != "MFA code of alice" {
			t.Fatalf("%+v", r)
		}
		second.enter(r.Ask.ID, "123456")
		if r = second.next(); r.Body == nil {
			t.Errorf("%+v", r.Err)
		}
	}, terminals)
}

func TestWithNobodyToAskItSaysSoAtOnceAndTheQuestionStaysOpen(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		for i := range 3 {
			began := time.Now()
			r := st.helper("prod", false).withoutTerminal()
			if r.Err == nil || r.Err.Code != wire.LoginNeeded || !strings.Contains(r.Err.Hint, "understudy login prod") {
				t.Fatalf("%+v", r)
			}
			if took := time.Since(began); took > time.Second || i > 0 && took > 0 {
				t.Errorf("number %d was told after %v", i, took)
			}
		}
		if open := st.broker.Questions(); len(open.Questions) != 1 || open.Questions[0].Profile != "prod" {
			t.Fatalf("%+v", open)
		}
		if s := st.broker.Status()[0]; s.State != status.LoginNeeded {
			t.Errorf("state %s", s.State)
		}
		login := st.helper("prod", true)
		r := login.next()
		if r.Ask == nil {
			t.Fatalf("%+v", r.Err)
		}
		login.enter(r.Ask.ID, "123456")
		if r = login.next(); r.Body == nil {
			t.Fatalf("%+v", r.Err)
		}
		if r := st.helper("prod", false).next(); r.Body == nil {
			t.Errorf("the retry got %+v", r.Err)
		}
		if len(st.codes) != 1 {
			t.Errorf("%d codes", len(st.codes))
		}
	}, terminals)
}

func TestACallerWaitsFiftySecondsForAPersonAndTheAnswerCountsForTheRetry(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		began := time.Now()
		h := st.helper("prod", false)
		asked := h.next()
		r := h.next()
		if took := time.Since(began); r.Err == nil || r.Err.Code != wire.LoginNeeded || took < 49*time.Second || took > wire.AskWait {
			t.Fatalf("%+v after %v", r, took)
		}
		h = st.helper("prod", false)
		again := h.next()
		if again.Ask == nil || again.Ask.ID != asked.Ask.ID {
			t.Fatalf("another question: %+v", again)
		}
		h.enter(again.Ask.ID, "123456")
		if r = h.next(); r.Body == nil {
			t.Errorf("%+v", r.Err)
		}
	}, terminals)
}

func TestAPersonWhoRefusesIsNotAskedAgainForHalfAMinute(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		h := st.helper("prod", false)
		h.say(Answer{ID: h.next().Ask.ID, Refuse: true})
		if r := h.next(); r.Err == nil || r.Err.Code != wire.LoginNeeded {
			t.Fatalf("%+v", r)
		}
		if r := st.helper("prod", false).next(); r.Err == nil {
			t.Fatalf("asked again: %+v", r)
		}
		time.Sleep(negativeTTL + time.Second)
		if r := st.helper("prod", false).next(); r.Ask == nil {
			t.Errorf("not asked after that: %+v", r.Err)
		}
	}, terminals)
}

// No lock is held while the user is asked: in a synctest bubble it would hang the test.
func TestAnotherRoleIsAnsweredWhileAPersonIsAsked(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		st.Plan("other", "id-other")
		st.mustAsk("other")
		h := st.helper("prod", false)
		asked := h.next()
		began := time.Now()
		for range 100 {
			if r := st.helper("other", false).next(); r.Body == nil {
				t.Fatalf("%+v", r.Err)
			}
		}
		st.broker.Status()
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
		h.enter(asked.Ask.ID, "123456")
		h.next()
	}, terminals)
}

func TestSecretsDroppedInMidQuestionDoNotEndIt(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		h := st.helper("prod", false)
		asked := h.next()
		if asked.Ask == nil {
			t.Fatalf("%+v", asked.Err)
		}
		st.broker.DropSecrets()
		h.enter(asked.Ask.ID, "123456")
		if r := h.next(); r.Body == nil {
			t.Errorf("%+v", r.Err)
		}
	}, terminals)
}

// The race detector looks on.
func TestAConfigurationReadAnewAsAFetchBeginsDisturbsNothing(t *testing.T) {
	play(t, func(st *stage) {
		got := make(chan error)
		for range 20 {
			st.Plan("prod", "id-prod") // as it says before, and yet another
			go func() { _, err := st.ask("prod"); got <- err }()
		}
		for range 20 {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
	})
}
