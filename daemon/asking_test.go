package daemon

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// withDevice makes "base" a session that takes a person, and "prod" a role on it.
func (st *stage) withDevice() {
	base := st.plan("base", "id-base")
	base.Asks, base.Manual = "mfa alice", true
	base.Fetch = func(ctx context.Context, _ credential.Session) (credential.Session, error) {
		if credential.IsUnattended(ctx) {
			return credential.Session{}, &credential.Failure{Code: wire.LoginNeeded, Reason: "a code is needed", Hint: "log in", Unasked: true}
		}
		code, err := st.server.cfg.Desk.Ask(ctx, prompt.Question{About: base.Asks, Kind: prompt.Code, Text: "MFA code of alice"})
		if err != nil {
			return credential.Session{}, &credential.Failure{Code: wire.LoginNeeded, Reason: err.Error(), Hint: "understudy login"}
		}
		st.set(func() { st.codes = append(st.codes, code.Reveal()) })
		return st.issue(ctx, "id-base")
	}
	st.set(func() { st.plans["prod"].Base = base })
}

func terminals(c *Config) { c.Desk = prompt.NewDesk(prompt.Config{}) }

// helper is a caller at the other end of a pipe.
type helper struct {
	conn  net.Conn
	lines chan string // what the daemon said; closed at the end
}

func (st *stage) helper(request string) *helper {
	client, server := net.Pipe()
	h := &helper{conn: client, lines: make(chan string, 16)}
	go st.server.ServeConn(context.Background(), server, wire.Peer{})
	go func() {
		defer close(h.lines)
		r := bufio.NewReaderSize(client, wire.MaxLine)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			h.lines <- strings.TrimSuffix(line, "\n")
		}
	}()
	io.WriteString(client, request+"\n")
	return h
}

func request(profile, more string) string {
	return fmt.Sprintf(`{"v":1,"op":"credentials","profile":%q,"config_file":"/c","credentials_file":"/s"%s}`, profile, more)
}

// next is the next line that is not a wait.
func (h *helper) next() wire.Reply {
	for line := range h.lines {
		if r := wire.ParseReply([]byte(line)); r.Wait == 0 {
			return r
		}
	}
	return wire.Reply{}
}

func (h *helper) say(a wire.Answer) { h.conn.Write(a.Append(nil)) }

// withoutTerminal passes whatever it is asked, and returns what it got.
func (h *helper) withoutTerminal() wire.Reply {
	for {
		r := h.next()
		if r.Ask == nil {
			return r
		}
		h.say(wire.Answer{ID: r.Ask.ID, Pass: true})
	}
}

func TestFiftyAtOnceAreOneQuestionOneFetchAndFiftyAnswers(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		replies := make(chan wire.Reply)
		questions := make(chan struct{}, 50)
		for i := range 50 {
			h := st.helper(request("prod", ""))
			go func() {
				if i%2 == 0 {
					replies <- h.withoutTerminal()
					return
				}
				r := h.next()
				if r.Ask != nil {
					questions <- struct{}{}
					time.Sleep(20 * time.Second) // until she has found her phone
					h.say(wire.Answer{ID: r.Ask.ID, Text: "123456"})
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
		if len(questions) != 1 || len(st.codes) != 1 || st.count() != 2 {
			t.Errorf("%d questions, %d codes, %d calls", len(questions), len(st.codes), st.count())
		}
	}, terminals)
}

func TestAHelperKilledWhileItAsksHandsTheQuestionOn(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		first := st.helper(request("prod", ""))
		if r := first.next(); r.Ask == nil {
			t.Fatalf("%+v", r)
		}
		second := st.helper(request("prod", ""))
		synctest.Wait()
		first.conn.Close()
		r := second.next()
		if r.Ask == nil || r.Ask.Text != "MFA code of alice" {
			t.Fatalf("%+v", r)
		}
		second.say(wire.Answer{ID: r.Ask.ID, Text: "123456"})
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
			r := st.helper(request("prod", "")).withoutTerminal()
			if r.Err == nil || r.Err.Code != wire.LoginNeeded || !strings.Contains(r.Err.Hint, "understudy login prod") {
				t.Fatalf("%+v", r)
			}
			if took := time.Since(began); took > time.Second || i > 0 && took > 0 {
				t.Errorf("number %d was told after %v", i, took)
			}
		}
		var open Questions
		if err := json.Unmarshal(st.helper(`{"v":1,"op":"approve"}`).next().Body, &open); err != nil || len(open.Questions) != 1 || open.Questions[0].Profile != "prod" {
			t.Fatalf("%+v, %v", open, err)
		}
		if s := st.server.Status().Sessions[0]; s.State != LoginNeeded {
			t.Errorf("state %s", s.State)
		}
		login := st.helper(request("prod", `,"login":true`))
		r := login.next()
		if r.Ask == nil {
			t.Fatalf("%+v", r.Err)
		}
		login.say(wire.Answer{ID: r.Ask.ID, Text: "123456"})
		if r = login.next(); r.Body == nil {
			t.Fatalf("%+v", r.Err)
		}
		if r := st.helper(request("prod", "")).next(); r.Body == nil {
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
		h := st.helper(request("prod", ""))
		asked := h.next()
		r := h.next()
		if took := time.Since(began); r.Err == nil || r.Err.Code != wire.LoginNeeded || took < 49*time.Second || took > wire.AskWait {
			t.Fatalf("%+v after %v", r, took)
		}
		h = st.helper(request("prod", ""))
		again := h.next()
		if again.Ask == nil || again.Ask.ID != asked.Ask.ID {
			t.Fatalf("another question: %+v", again)
		}
		h.say(wire.Answer{ID: again.Ask.ID, Text: "123456"})
		if r = h.next(); r.Body == nil {
			t.Errorf("%+v", r.Err)
		}
	}, terminals)
}

func TestAPersonWhoRefusesIsNotAskedAgainForHalfAMinute(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		h := st.helper(request("prod", ""))
		h.say(wire.Answer{ID: h.next().Ask.ID, Refuse: true})
		if r := h.next(); r.Err == nil || r.Err.Code != wire.LoginNeeded {
			t.Fatalf("%+v", r)
		}
		if r := st.helper(request("prod", "")).next(); r.Err == nil {
			t.Fatalf("asked again: %+v", r)
		}
		time.Sleep(refusalMemory + time.Second)
		if r := st.helper(request("prod", "")).next(); r.Ask == nil {
			t.Errorf("not asked after that: %+v", r.Err)
		}
	}, terminals)
}

// No lock is held while a person is asked: in a bubble one would hang the test.
func TestAnotherRoleIsAnsweredWhileAPersonIsAsked(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		st.plan("other", "id-other")
		st.mustAsk("other")
		h := st.helper(request("prod", ""))
		asked := h.next()
		began := time.Now()
		for range 100 {
			if r := st.helper(request("other", "")).next(); r.Body == nil {
				t.Fatalf("%+v", r.Err)
			}
		}
		st.server.Status()
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
		h.say(wire.Answer{ID: asked.Ask.ID, Text: "123456"})
		h.next()
	}, terminals)
}

func TestAMalformedAnswerEndsTheCallerAndNotTheQuestion(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		for _, line := range []string{"nonsense", `{"v":2,"id":"1"}`, `{"v":1,"text":"123456","more":1}`, strings.Repeat("x", wire.MaxLine+1)} {
			h := st.helper(request("prod", ""))
			h.next()
			go io.WriteString(h.conn, line+"\n")
			if r := h.next(); r.Body != nil || r.Ask != nil {
				t.Errorf("%.20q: %+v", line, r)
			}
			h.conn.Close()
		}
		h := st.helper(request("prod", ""))
		h.say(wire.Answer{ID: h.next().Ask.ID, Text: "123456"})
		if r := h.next(); r.Body == nil {
			t.Errorf("%+v", r.Err)
		}
	}, terminals)
}

func TestSecretsDroppedInMidQuestionDoNotEndIt(t *testing.T) {
	play(t, func(st *stage) {
		st.withDevice()
		h := st.helper(request("prod", ""))
		asked := h.next()
		if asked.Ask == nil {
			t.Fatalf("%+v", asked.Err)
		}
		st.server.DropSecrets()
		h.say(wire.Answer{ID: asked.Ask.ID, Text: "123456"})
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
			st.plan("prod", "id-prod") // as it says before, and yet another
			go func() { _, err := st.ask("prod"); got <- err }()
		}
		for range 20 {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
	})
}
