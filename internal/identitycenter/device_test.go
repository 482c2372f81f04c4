package identitycenter

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	fake "understudy/internal/sandbox/identitycenter"
	"understudy/internal/sandbox/steer"
	"understudy/internal/wire"
)

// bubble runs f on a stage without a browser, in a bubble.
func bubble(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, false)
		f(t, s)
	})
}

// fetching starts a fetch and yields what comes of it.
func (s *stage) fetching(name string) <-chan error {
	got := make(chan error, 1)
	go func() {
		_, err := s.Fetch(context.Background(), s.place, role(name))
		got <- err
	}()
	synctest.Wait()
	return got
}

func TestWithoutABrowserACodeIsShown(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		got := s.fetching("Admin")
		code := s.sits()
		time.Sleep(10 * time.Second)
		if !s.fake.Answer(code, true) {
			t.Fatalf("the code %q is not known", code)
		}
		began := time.Now()
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v to see that she has said yes", took)
		}
		s.count("RegisterClient", 1)
		s.count("StartDeviceAuthorization", 1)
		for _, c := range s.fake.Calls() {
			if c.Code == "SlowDownException" {
				t.Error("it was polled faster than the service asks for")
			}
		}
	})
}

func TestNobodyIsPolledForACodeThatNoTerminalShows(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		got := s.fetching("Admin")
		time.Sleep(time.Minute)
		s.count("CreateToken", 0)
		began := time.Now()
		err := <-got
		if f := credential.AsFailure(err); f.Code != wire.LoginNeeded || !strings.Contains(f.Reason, "nobody can be") {
			t.Errorf("it ended in %v", err)
		}
		if d := time.Since(began); d != 4*time.Minute {
			t.Errorf("it was let go after another %v", d)
		}
		s.count("CreateToken", 0)
	})
}

func TestSlowDownIsHeeded(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.fake.Set(fake.Behaviour{SlowDown: 2})
		got := s.fetching("Admin")
		s.fake.Answer(s.sits(), true)
		began := time.Now()
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		// 1 s, then 6 s, then 11 s.
		if d := time.Since(began); d != 18*time.Second {
			t.Errorf("it took %v", d)
		}
		s.count("CreateToken", 3)
	})
}

func TestANetworkThatIsAwayForAPollDoesNotEndTheSignIn(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		got := s.fetching("Admin")
		code := s.sits()
		s.fake.Set(fake.Behaviour{Fault: steer.Fault{Only: "CreateToken", Next: 3, Status: 503}})
		s.fake.Answer(code, true)
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		s.count("CreateToken", 4)
	})
}

func TestACodeThatNobodyConfirmsExpires(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		got := s.fetching("Admin")
		s.sits()
		began := time.Now()
		f := credential.AsFailure(<-got)
		if f.Code != wire.LoginNeeded || !strings.Contains(f.Reason, "nobody did within 10 min") || !strings.Contains(f.Hint, "understudy login dev") {
			t.Errorf("%+v", f)
		}
		if d := time.Since(began); d > 10*time.Minute {
			t.Errorf("it ended after %v", d)
		}
	})
}

func TestANoToACodeIsTakenForANo(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		got := s.fetching("Admin")
		s.fake.Answer(s.sits(), false)
		if f := credential.AsFailure(<-got); f.Code != wire.LoginNeeded || !strings.Contains(f.Reason, "denied") {
			t.Errorf("%+v", f)
		}
		s.refused(t.Context(), "Reader", wire.LoginNeeded)
		s.count("StartDeviceAuthorization", 1)
	})
}

func TestAQuestionThatIsClosedIsAnAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		got := s.fetching("Admin")
		seat := s.desk.Sit([]string{s.place.About()}, true)
		seat.Refuse(seat.Look().ID)
		seat.Leave()
		if f := credential.AsFailure(<-got); f.Code != wire.LoginNeeded || !strings.Contains(f.Reason, "closed") {
			t.Errorf("%+v", f)
		}
		n := len(s.fake.Calls())
		s.refused(t.Context(), "Reader", wire.LoginNeeded)
		if len(s.fake.Calls()) != n {
			t.Error("the service was asked for a code that would not be shown")
		}
	})
}

func TestAClientThatTheServiceHasForgottenIsRegisteredAnew(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		l := s.login(s.place)
		l.mu.Lock()
		l.setLocked(kept{clients: map[grant]client{
			byDevice: {"forgotten", credential.NewSecret("made-up"), time.Now().Add(24 * time.Hour)},
		}})
		l.mu.Unlock()
		got := s.fetching("Admin")
		s.fake.Answer(s.sits(), true)
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		s.count("RegisterClient", 1)
		s.count("StartDeviceAuthorization", 2)
	})
}

func TestACodesPageIsHTTPSOrHere(t *testing.T) {
	for page, ok := range map[string]bool{
		"https://device.sso.eu-west-1.amazonaws.com/?user_code=AAAA": true,
		"http://127.0.0.1:4566/device":                               true,
		"http://[::1]/device":                                        true,
		"http://localhost/device":                                    true,
		"http://example.com/device":                                  false,
		"http://127.0.0.1.example.com/":                              false,
		"https://alice:pw@example.com/":                              false,
		"javascript:alert(1)":                                        false,
		"file:///etc/passwd":                                         false,
		"":                                                           false,
	} {
		if mayOpen(page) != ok {
			t.Errorf("mayOpen(%q) = %v", page, !ok)
		}
	}
}

// Where prompt is none nobody is asked, and the service neither.
func TestWhereNobodyMayBeAskedTheServiceIsNotEither(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.shut()
		s.desk = prompt.NewDesk(prompt.Config{Mode: prompt.None})
		s.open()
		s.refused(t.Context(), "Admin", wire.LoginNeeded)
		if n := len(s.fake.Calls()); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
}
