package identitycenter

import (
	"fmt"
	"testing"
	"time"

	"understudy/internal/credential"
	fake "understudy/internal/sandbox/identitycenter"
)

func sprints(all ...any) (texts []string) {
	for _, v := range all {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			texts = append(texts, fmt.Sprintf(verb, v))
		}
	}
	return texts
}

// leave puts the AWS CLI's file of that name there.
func (s *stage) leave(l fake.Login, session string) {
	name, content := l.CacheFile(session)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = content
}

func TestATokenOfTheCLIIsUsedWhileItLasts(t *testing.T) {
	for name, session := range map[string]string{"of an sso-session": "corp", "of old keys": ""} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *stage) {
				s.place.Session = session
				file := session
				if file == "" {
					file = fake.StartURL
				}
				s.leave(s.fake.SignIn(), file)
				s.must("Admin")
				time.Sleep(58 * time.Minute)
				s.must("Admin")
				s.count("RegisterClient", 0)
				s.count("CreateToken", 0) // its refresh token is the CLI's
				time.Sleep(time.Minute)
				got := s.fetching("Admin")
				s.fake.Answer(s.sits(), true)
				if err := <-got; err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestATokenOfTheCLIForAnotherPortalIsNotUsed(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.leave(s.fake.SignIn(), "corp")
		s.place.Region = "us-east-1"
		f := s.refused(credential.Unattended(t.Context()), "Admin", "login-needed")
		if !f.Unasked {
			t.Errorf("%+v", f)
		}
	})
}

func TestSigningInWithTheCLIEndsTheQuestion(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		got := s.fetching("Admin")
		time.Sleep(30 * time.Second)
		s.leave(s.fake.SignIn(), "corp")
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		if s.desk.Asking([]string{s.place.About()}) {
			t.Error("the question is still open")
		}
		s.count("CreateToken", 0)
	})
}

func TestATokenOfTheCLIThatThePortalTurnsDownIsNotTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.leave(s.fake.SignIn(), "corp")
		s.fake.EndSessions()
		s.signedIn()
		s.count("GetRoleCredentials", 2)
		s.must("Reader")
		s.count("GetRoleCredentials", 3)
	})
}

func FuzzCLIFile(f *testing.F) {
	_, whole := fake.Login{AccessToken: credential.NewSecret("token"), Expires: time.Unix(1700000000, 0)}.CacheFile("corp")
	f.Add(whole)
	f.Add([]byte(`{"startUrl":"https://example.awsapps.com/start","region":"eu-west-1","accessToken":"t","expiresAt":"2020-06-17T10:02:08UTC"}`))
	f.Add([]byte(`{"accessToken":"a b","expiresAt":"2020-06-17T10:02:08Z"}`))
	f.Add([]byte(`{"accessToken":7}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := parseCLIFile(content)
		if err != nil {
			if err != errCLIFile {
				t.Errorf("the error is its own: %v", err)
			}
			return
		}
		if !isToken(c.access.Reveal()) || c.expires.IsZero() && c.expires.Location() != time.UTC {
			t.Errorf("took %v from %q", c, content)
		}
	})
}

func TestOldFilesOfTheCLIAreRead(t *testing.T) {
	c, err := parseCLIFile([]byte(`{"accessToken":"t","expiresAt":"2020-06-17T10:02:08UTC"}`))
	if err != nil || !c.expires.Equal(time.Date(2020, 6, 17, 10, 2, 8, 0, time.UTC)) {
		t.Errorf("%v, %v", c, err)
	}
	// sha1 of "corp", as the CLI names it.
	if n := cliFileName("corp"); n != "ee0bfd2552fbd840c02cc48b6e823320543c450f.json" {
		t.Errorf("the file is %s", n)
	}
}

func FuzzItem(f *testing.F) {
	k := kept{clients: map[grant]client{byCode: {"id", credential.NewSecret("s"), time.Unix(1700000000, 0)}},
		token: &token{access: credential.NewSecret("a"), refresh: credential.NewSecret("r"), issued: time.Unix(1, 0), expires: time.Unix(2, 0), client: byCode}}
	item, err := k.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(item.Reveal())
	f.Add(`{"v":1}`)
	f.Add(`{"v":1,"token":{"access":""}}`)
	f.Add(`{"v":1,"clients":{"authorization_code":{}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		k, err := decode(credential.NewSecret(text))
		if err != nil {
			return
		}
		item, err := k.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decode(item)
		if err != nil || (k.token == nil) != (again.token == nil) {
			t.Errorf("%q reads as %v and then as %v, %v", text, k, again, err)
		}
	})
}
