package identitycenter

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"understudy/internal/credential"
	fake "understudy/internal/sandbox/identitycenter"
	"understudy/internal/wire"
)

// all has n callers fetch five roles at once.
func (s *stage) all(n int) (sessions int) {
	names := []string{"Admin", "Reader", "Writer", "Auditor", "Billing"}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		wg.Go(func() {
			ses, err := s.Fetch(context.Background(), s.place, role(names[i%len(names)]))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				s.t.Error(err)
			} else if ses.AccountID == "123456789012" && ses.Lifetime > 59*time.Minute {
				sessions++
			}
		})
	}
	wg.Wait()
	return sessions
}

func TestFiftyCallersOfFiveRolesOpenOneTab(t *testing.T) {
	s := newStage(t, true)
	if n := s.all(50); n != 50 {
		t.Errorf("%d of 50 got a session", n)
	}
	if n := s.opened(); n != 1 {
		t.Errorf("%d tabs were opened", n)
	}
	s.count("RegisterClient", 1)
	s.count("CreateToken", 1)
	s.count("StartDeviceAuthorization", 0)
}

func TestThePageThatTheBrowserEndsOnSaysThatItIsDone(t *testing.T) {
	s := newStage(t, true)
	s.must("Admin")
	s.shown("You are signed in", "You can close this tab")
}

// shown waits for the page that the browser ended on.
func (s *stage) shown(all ...string) {
	s.t.Helper()
	for range 500 {
		s.mu.Lock()
		n := len(s.pages)
		s.mu.Unlock()
		if n > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pages) == 0 {
		s.t.Fatal("the browser ended nowhere")
	}
	for _, text := range all {
		if !strings.Contains(s.pages[len(s.pages)-1], text) {
			s.t.Errorf("%q is not on the page:\n%s", text, s.pages[len(s.pages)-1])
		}
	}
}

func TestANoInTheBrowserIsTakenForANo(t *testing.T) {
	s := newStage(t, true)
	s.fake.Set(fake.Behaviour{Page: fake.Denies})
	f := s.refused(t.Context(), "Admin", wire.LoginNeeded)
	if !strings.Contains(f.Reason, "access was denied in the browser") {
		t.Errorf("reason = %q", f.Reason)
	}
	s.shown("You are not signed in", "access was denied")
	s.refused(t.Context(), "Reader", wire.LoginNeeded)
	if n := s.opened(); n != 1 {
		t.Errorf("she was asked %d times within 30 s", n)
	}
	s.count("CreateToken", 0)
}

func TestTheAddressThatTheBrowserGetsHoldsNoSecret(t *testing.T) {
	s := newStage(t, true)
	s.fake.Set(fake.Behaviour{SecretMark: "MARKED"})
	s.must("Admin")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range append(s.tabs, s.pages...) {
		if strings.Contains(text, "MARKED") {
			t.Errorf("a secret is in %q", text)
		}
	}
	if !strings.HasPrefix(s.tabs[0], address+"/authorize?") || !strings.Contains(s.tabs[0], "code_challenge_method=S256") {
		t.Errorf("the address is %q", s.tabs[0])
	}
}

func TestARestartNeedsNobody(t *testing.T) {
	s := newStage(t, true)
	s.must("Admin")
	s.shut()
	s.open()
	s.must("Reader")
	s.count("CreateToken", 1)
	if n := s.opened(); n != 1 {
		t.Errorf("%d tabs were opened", n)
	}
}

func TestATokenThatWasRevokedIsAskedForAnewOnce(t *testing.T) {
	s := newStage(t, true)
	s.must("Admin")
	s.fake.EndSessions()
	if n := s.all(20); n != 20 {
		t.Errorf("%d of 20 got a session", n)
	}
	if n := s.opened(); n != 2 {
		t.Errorf("%d tabs were opened, want the first and one more", n)
	}
	if n := s.fake.Grants("refresh_token"); n != 1 {
		t.Errorf("the refresh token was tried %d times", n)
	}
	s.count("RegisterClient", 1)
}

func TestInTheBackgroundNobodyIsAsked(t *testing.T) {
	s := newStage(t, true)
	f := s.refused(credential.Unattended(t.Context()), "Admin", wire.LoginNeeded)
	if !f.Unasked || s.opened() != 0 || len(s.fake.Calls()) != 0 {
		t.Errorf("unasked %v, %d tabs, calls %v", f.Unasked, s.opened(), s.fake.Calls())
	}
}

func TestAPersonElsewhereGetsACodeInPlaceOfTheTab(t *testing.T) {
	s := newStage(t, true)
	s.fake.Set(fake.Behaviour{Page: fake.Nothing})
	got := make(chan error, 1)
	go func() {
		_, err := s.Fetch(t.Context(), s.place, role("Admin"))
		got <- err
	}()
	seat := s.desk.Sit([]string{s.place.About()}, true)
	defer seat.Leave()
	for s.opened() == 0 {
		<-seat.Changed()
		time.Sleep(time.Millisecond)
	}
	seat.Elsewhere()
	for {
		<-seat.Changed()
		v := seat.Look()
		if v.Question.UserCode == "" {
			continue
		}
		seat.Answer(v.ID, credential.Secret{})
		if !s.fake.Answer(v.Question.UserCode, true) {
			t.Fatal("the code is not known")
		}
		break
	}
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	if s.opened() != 1 {
		t.Errorf("%d tabs", s.opened())
	}
}
