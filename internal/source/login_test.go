package source

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/signin"
	"understudy/internal/sandbox/steer"
	"understudy/internal/wire"
)

const aliceLogin = "arn:aws:iam::111111111111:user/alice"

// loggedIn is a stage with a login whose credentials expire at ends, and its file.
func loggedIn(t *testing.T, ends time.Time) (*stage, *signin.Server, string) {
	t.Helper()
	sts := sandbox.New()
	service := signin.New(sts)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	s := newStage(t, serve(t, sts), "[profile x]\nlogin_session = "+aliceLogin+"\nservices = local\n"+
		"[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = x\n"+
		"[services local]\nsignin =\n  endpoint_url = "+serve(t, service)+"\n", "")
	return s, service, writeLogin(t, home, service, ends)
}

// writeLogin writes the file of `aws login`, with credentials that expire at ends.
func writeLogin(t *testing.T, home string, service *signin.Server, ends time.Time) (file string) {
	t.Helper()
	name, content := service.SignIn().CacheFile(aliceLogin)
	file = filepath.Join(home, ".aws", "login", "cache", name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, file, string(content))
	change(t, file, func(kept map[string]any) {
		kept["accessToken"].(map[string]any)["expiresAt"] = ends.UTC().Format(time.RFC3339Nano)
	})
	return file
}

// change changes a JSON file.
func change(t *testing.T, file string, how func(map[string]any)) {
	t.Helper()
	text, err := os.ReadFile(file)
	var kept map[string]any
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		t.Fatal(err)
	}
	how(kept)
	if text, err = json.Marshal(kept); err != nil {
		t.Fatal(err)
	}
	write(t, file, string(text))
}

func TestAValidLoginIsServedFromItsFile(t *testing.T) {
	ends := time.Now().Add(10 * time.Minute)
	s, service, _ := loggedIn(t, ends)
	p := s.plan(t, "x")
	if p.Source != "aws login" || p.Stamp == "" || p.RoleARN != "" {
		t.Errorf("plan = %+v", p)
	}
	got := s.session(t, "x")
	if got.AccountID != "111111111111" || !got.Expiration.Equal(ends.Truncate(time.Second)) {
		t.Errorf("got one of %s until %v", got.AccountID, got.Expiration)
	}
	if n := service.Count(); n != 0 {
		t.Errorf("%d calls", n)
	}
	if p := s.plan(t, "admin"); p.Source != "role via session of x" || p.Base.Source != "aws login" {
		t.Errorf("plan = %+v", p)
	}
	s.session(t, "admin")
}

func TestAnExpiredLoginIsRefreshedWithItsTokenAndItsKey(t *testing.T) {
	s, service, file := loggedIn(t, time.Now().Add(-time.Minute))
	before := s.plan(t, "x")
	got := s.session(t, "x")
	if got.Lifetime < 14*time.Minute || service.Count() != 1 {
		t.Errorf("got one for %v after %d calls", got.Lifetime, service.Count())
	}
	change(t, file, func(kept map[string]any) {
		if kept["accessToken"].(map[string]any)["accessKeyId"] != got.AccessKeyID {
			t.Error("the new credentials are not kept for the AWS CLI")
		}
	})
	if after := s.plan(t, "x"); after.ID != before.ID || after.Stamp == before.Stamp {
		t.Error("the file has changed, and the identity too or nothing")
	}
	if again := s.session(t, "x"); again.AccessKeyID != got.AccessKeyID || service.Count() != 1 {
		t.Errorf("%d calls", service.Count())
	}
	s.session(t, "admin")
}

func TestAnImminentEndOfALoginIsWaitedFor(t *testing.T) {
	s, service, _ := loggedIn(t, time.Now().Add(1200*time.Millisecond))
	if got := s.session(t, "x"); got.Lifetime < 14*time.Minute || service.Count() != 1 {
		t.Errorf("got a session of %v after %d calls", got.Lifetime, service.Count())
	}
}

func TestAnInvalidLoginHintsAtAwsLogin(t *testing.T) {
	text := func(content string) func(*testing.T, *signin.Server, string) {
		return func(t *testing.T, _ *signin.Server, file string) { write(t, file, content) }
	}
	fault := func(f steer.Fault) func(*testing.T, *signin.Server, string) {
		return func(_ *testing.T, s *signin.Server, _ string) { s.Set(signin.Behaviour{Fault: f}) }
	}
	for name, c := range map[string]struct {
		spoil  func(*testing.T, *signin.Server, string)
		code   wire.Code
		reason string
	}{
		"no file": {func(t *testing.T, _ *signin.Server, file string) { os.Remove(file) }, wire.LoginNeeded, "there is no login"},
		"garbage": {text("hunter2"), wire.LoginNeeded, "is not what aws login writes"},
		"null":    {text("null"), wire.LoginNeeded, "is not what aws login writes"},
		"no key":  {text(`{"accessToken":{},"dpopKey":"hunter2"}`), wire.LoginNeeded, "has no key in it"},
		"half a login": {func(t *testing.T, _ *signin.Server, file string) {
			change(t, file, func(kept map[string]any) { delete(kept, "refreshToken") })
		}, wire.LoginNeeded, "is not what aws login writes"},
		"another login": {func(t *testing.T, _ *signin.Server, file string) {
			change(t, file, func(kept map[string]any) { kept["refreshToken"] = "hunter2" })
		}, wire.LoginNeeded, "the login has ended or was revoked: AccessDeniedException: The token has expired"},
		"another password": {func(_ *testing.T, s *signin.Server, _ string) { s.Set(signin.Behaviour{Changed: true}) }, wire.LoginNeeded, "the login has ended or was revoked"},
		"another key": {func(t *testing.T, s *signin.Server, file string) {
			_, other := s.SignIn().CacheFile(aliceLogin)
			var login struct{ DPOPKey string }
			if err := json.Unmarshal(other, &login); err != nil {
				t.Fatal(err)
			}
			change(t, file, func(kept map[string]any) { kept["dpopKey"] = login.DPOPKey })
		}, wire.LoginNeeded, "the login has ended or was revoked: ValidationException: DPoP proof is not valid"},
		"not permitted": {fault(steer.Fault{Code: "INSUFFICIENT_PERMISSIONS"}), wire.Denied, "AccessDeniedException: Access is denied"},
		"busy":          {fault(steer.Fault{Status: 429}), wire.Temporary, "TooManyRequestsError"},
		"down":          {fault(steer.Fault{Status: 500, Message: "hunter2"}), wire.Temporary, "InternalServerException"},
		"a page":        {fault(steer.Fault{Body: &steer.Body{Text: "<html>hunter2"}}), wire.Temporary, "sign-in service"},
	} {
		t.Run(name, func(t *testing.T) {
			s, service, file := loggedIn(t, time.Now().Add(-time.Minute))
			c.spoil(t, service, file)
			f := s.failure(t, "x")
			if f.Code != c.code || strings.Contains(f.Reason, "hunter2") {
				t.Errorf("%s %q", f.Code, f.Reason)
			}
			mustContain(t, f.Reason, `login session of profile "x": `, c.reason)
			if c.code == wire.LoginNeeded {
				mustContain(t, f.Hint, "aws login --profile x")
			}
		})
	}
}

func TestANewLoginIsServedAtOnce(t *testing.T) {
	s, service, file := loggedIn(t, time.Now().Add(-time.Minute))
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	first := s.plan(t, "x")
	if first.Stamp != "missing" {
		t.Errorf("stamp %q", first.Stamp)
	}
	writeLogin(t, os.Getenv("HOME"), service, time.Now().Add(10*time.Minute))
	second := s.plan(t, "x")
	if second == first || second.ID != first.ID {
		t.Error("the plan is the old one, or of another session")
	}
	if _, err := second.Fetch(t.Context(), credential.Session{}); err != nil {
		t.Error(err)
	}
}
