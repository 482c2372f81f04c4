package identitycenter

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	fake "understudy/internal/sandbox/identitycenter"
	"understudy/internal/sandbox/steer"
	"understudy/internal/wire"
)

// signedIn signs in with a code, in a bubble.
func (s *stage) signedIn() {
	s.t.Helper()
	got := s.fetching("Admin")
	s.fake.Answer(s.sits(), true)
	if err := <-got; err != nil {
		s.t.Fatal(err)
	}
}

func TestATokenThatIsAboutToEndIsRenewedOnceWithNobodyAsked(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		time.Sleep(54 * time.Minute)
		s.must("Admin")
		if n := s.fake.Grants("refresh_token"); n != 0 {
			t.Fatalf("it was renewed %d times with 6 min left", n)
		}
		time.Sleep(2 * time.Minute)
		if n := s.all(50); n != 50 {
			t.Errorf("%d of 50 got a session", n)
		}
		if n := s.fake.Grants("refresh_token"); n != 1 {
			t.Errorf("it was renewed %d times with 4 min left", n)
		}
		time.Sleep(7 * time.Hour)
		s.must("Admin") // with the refresh token of the refresh
		if n := s.fake.Grants("refresh_token"); n != 2 {
			t.Errorf("it was renewed %d times", n)
		}
		s.count("StartDeviceAuthorization", 1)
	})
}

func TestARenewedTokenIsWhatIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		time.Sleep(2 * time.Hour)
		s.must("Admin")
		s.shut()
		s.open()
		time.Sleep(2 * time.Hour)
		s.must("Admin") // a refresh token works once: the first one would not
		if n := s.fake.Grants("refresh_token"); n != 2 {
			t.Errorf("it was renewed %d times", n)
		}
		s.count("StartDeviceAuthorization", 1)
	})
}

func TestATokenGoesOnWhileItsRenewalIsNotToBeHad(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		s.fake.Set(fake.Behaviour{Fault: steer.Fault{Only: "CreateToken", Status: 503}})
		time.Sleep(57 * time.Minute)
		s.must("Admin")
		time.Sleep(4 * time.Minute)
		f := s.refused(t.Context(), "Admin", wire.Temporary)
		if !strings.Contains(f.Reason, "InternalServerException") {
			t.Errorf("reason = %q", f.Reason)
		}
		s.fake.Set(fake.Behaviour{})
		s.must("Admin")
		s.count("StartDeviceAuthorization", 1)
	})
}

func TestASignInThatHasEndedIsAskedForAnew(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		time.Sleep(9 * time.Hour) // past the 8 of its refreshes
		got := s.fetching("Admin")
		s.fake.Answer(s.sits(), true)
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		s.count("RegisterClient", 1)
		s.count("StartDeviceAuthorization", 2)
	})
}

func TestWithoutARefreshTokenThePersonIsAskedAtTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.fake.Set(fake.Behaviour{NoRefresh: true})
		s.signedIn()
		time.Sleep(57 * time.Minute)
		s.must("Admin")
		time.Sleep(3 * time.Minute)
		got := s.fetching("Admin")
		s.fake.Answer(s.sits(), true)
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		if n := s.fake.Grants("refresh_token"); n != 0 {
			t.Errorf("%d refreshes", n)
		}
	})
}

func TestALockedKeychainIsGivenTimeBeforeAnybodyIsAsked(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		s.shut()
		s.open()
		s.store.become(keychain.ErrLocked)
		got := s.fetching("Reader")
		time.Sleep(5 * time.Second)
		s.store.become(nil)
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		s.count("StartDeviceAuthorization", 1)
	})
}

func TestAKeychainThatStaysLockedDoesNotKeepAnybodyFromSigningIn(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.store.become(keychain.ErrLocked)
		got := s.fetching("Admin")
		time.Sleep(11 * time.Second)
		s.fake.Answer(s.sits(), true)
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		s.store.become(nil)
		time.Sleep(time.Minute)
		if !s.store.has(`"access"`) {
			t.Error("it was not written when the keychain was opened")
		}
	})
}

func TestAKeychainThatOpensWhileSheIsAskedEndsTheQuestion(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		s.shut()
		s.open()
		s.store.become(keychain.ErrLocked)
		got := s.fetching("Reader")
		time.Sleep(20 * time.Second)
		if !s.desk.Asking([]string{s.place.About()}) {
			t.Fatal("she is not asked")
		}
		s.store.become(nil)
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		if s.desk.Asking([]string{s.place.About()}) {
			t.Error("the question is still open")
		}
	})
}

func TestAnAbsentKeychainCostsNoTime(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.store.become(keychain.ErrAbsent)
		began := time.Now()
		got := s.fetching("Admin")
		s.fake.Answer(s.sits(), true)
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d > time.Second {
			t.Errorf("it took %v", d)
		}
		s.store.become(nil)
	})
}

func TestAnItemThatCannotBeReadIsAMiss(t *testing.T) {
	for name, item := range map[string]string{"torn": "{", "of another version": `{"v":2,"token":{"access":"x"}}`} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *stage) {
				s.store.items["sso:"+s.place.key()] = item
				s.signedIn()
				s.count("StartDeviceAuthorization", 1)
			})
		})
	}
}

func TestForgottenTokensAreReadAgainFromTheKeychain(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		time.Sleep(time.Second)
		s.Forget()
		synctest.Wait()
		gets := s.store.gets
		s.must("Admin")
		if s.store.gets == gets {
			t.Error("the token was still in memory")
		}
		s.count("StartDeviceAuthorization", 1)
	})
}

func TestForgettingAllRemovesWhatOthersHaveKeptToo(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		synctest.Wait()
		other := s.place
		other.Scopes = []string{"codewhisperer:completions", "sso:account:access"}
		s.store.items["sso:"+other.key()] = s.store.items["sso:"+s.place.key()]
		s.shut()
		s.store.items["sso:all"] = "sso:" + s.place.key() + "\nsso:" + other.key() // as older versions listed them
		s.open()                                                                   // this one has seen neither
		s.ForgetAll()
		synctest.Wait()
		if s.store.has("sso:") {
			t.Error("something is left")
		}
		s.signedIn()
		s.count("StartDeviceAuthorization", 2)
	})
}

func TestWhatIsInTheStoreDoesNotPrintItself(t *testing.T) {
	k := kept{clients: map[grant]client{byCode: {"id", credential.NewSecret("hush-1"), time.Unix(1, 0)}},
		token: &token{access: credential.NewSecret("hush-2"), refresh: credential.NewSecret("hush-3"), client: byCode}}
	for _, text := range sprints(k, *k.token) {
		if strings.Contains(text, "hush") {
			t.Errorf("printed %q", text)
		}
	}
	item, err := k.encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := decode(item)
	if err != nil || !back.token.access.Equal(k.token.access) || !back.token.refresh.Equal(k.token.refresh) ||
		!back.clients[byCode].secret.Equal(k.clients[byCode].secret) || !back.token.expires.IsZero() {
		t.Errorf("read back %v, %v", back, err)
	}
}
