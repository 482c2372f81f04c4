package source

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/identitycenter"
	"understudy/internal/prompt"
	"understudy/internal/sandbox"
	fake "understudy/internal/sandbox/identitycenter"
	"understudy/internal/sandbox/steer"
	"understudy/internal/wire"
)

// portalStage is a stage with a fake Identity Center on loopback, and a browser
// that approves each sign-in.
type portalStage struct {
	*stage
	fake *fake.Server
	sts  *sandbox.Server
	tabs atomic.Int32
}

// withPortal replaces PORTAL in config with the URL of the fake services.
func withPortal(t testing.TB, config string) *portalStage {
	t.Helper()
	sts := sandbox.New()
	s := &portalStage{fake: fake.New(sts), sts: sts}
	url := serve(t, s.fake)
	t.Cleanup(func() { s.fake.Set(fake.Behaviour{}) })
	s.stage = newStage(t, serve(t, sts), strings.ReplaceAll(config, "PORTAL", url), aliceKeys)
	desk := prompt.NewDesk(prompt.Config{Browse: s.browse})
	s.SignIns = identitycenter.New(identitycenter.Config{Ask: desk.Ask, Reach: desk.Reach})
	t.Cleanup(func() { s.SignIns.Close(context.Background()) })
	return s
}

func (s *portalStage) browse(_ context.Context, url string) error {
	s.tabs.Add(1)
	go func() {
		resp, err := http.Get(url)
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}()
	return nil
}

const corpServices = `
[services corp-services]
sso =
  endpoint_url = PORTAL
sso_oidc =
  endpoint_url = PORTAL
`

const corpSession = `
[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
` + corpServices

const corpProfile = `
[profile dev]
understudy_sso_session = corp
understudy_sso_account_id = 123456789012
understudy_sso_role_name = Admin
services = corp-services
` + corpSession

func TestAnSSOSessionGivesARolesSession(t *testing.T) {
	s := withPortal(t, corpProfile)
	p := s.plan(t, "dev")
	if p.AccountID != "123456789012" || p.Source != "Admin via corp" || p.Asks != "sso:https://example.awsapps.com/start" || p.Manual || p.Base != nil {
		t.Errorf("plan = %+v", p)
	}
	got := s.session(t, "dev")
	if got.AccountID != "123456789012" || got.Lifetime < 59*time.Minute || got.Lifetime > 61*time.Minute {
		t.Errorf("a session of account %q for %v", got.AccountID, got.Lifetime)
	}
	if n := s.tabs.Load(); n != 1 {
		t.Errorf("%d tabs", n)
	}
}

func TestLegacySSOKeysGiveASession(t *testing.T) {
	s := withPortal(t, `
[profile old]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 210987654321
sso_role_name = Admin
services = corp-services
`+corpProfile)
	s.session(t, "old")
	if got := s.session(t, "dev"); got.AccountID != "123456789012" {
		t.Errorf("account %q", got.AccountID)
	}
	if n := s.tabs.Load(); n != 1 {
		t.Errorf("%d tabs for one portal", n)
	}
}

func TestAnSSOProfileSignsForARole(t *testing.T) {
	s := withPortal(t, `
[profile top]
understudy_role_arn = arn:aws:iam::333333333333:role/Top
understudy_source_profile = dev
understudy_duration_seconds = 7200
`+corpProfile)
	p := s.plan(t, "top")
	if about := p.About(); len(about) != 1 || about[0] != "sso:https://example.awsapps.com/start" {
		t.Errorf("about %v", about)
	}
	if got := s.session(t, "top"); got.AccountID != "333333333333" || got.Lifetime > time.Hour+time.Minute {
		t.Errorf("a session of account %q for %v, want an hour of a chain", got.AccountID, got.Lifetime)
	}
}

func TestABadSSOProfileIsReportedWithItsLine(t *testing.T) {
	profile := func(lines string) string { return "[profile p]\n" + lines + corpSession }
	role := "sso_account_id = 123456789012\nsso_role_name = Admin\n"
	for name, c := range map[string]struct{ config, reason, hint string }{
		"no role":            {profile("sso_session = corp\nsso_account_id = 123456789012\n"), `config:1: profile "p": missing sso_role_name`, "understudy_sso_role_name = Admin"},
		"no account":         {profile("sso_session = corp\nsso_role_name = Admin\n"), `config:1: profile "p": missing sso_account_id`, "understudy_sso_account_id"},
		"a bad account":      {profile("sso_session = corp\nsso_account_id = 12\nsso_role_name = Admin\n"), `config:3: sso_account_id = "12" cannot be used`, "12 digits"},
		"a bad role":         {profile("sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = a/b\n"), `config:4: sso_role_name = "a/b" cannot be used`, "permission set"},
		"unknown session":    {profile("sso_session = crop\n" + role), `config:2: sso_session names the section [sso-session crop], which there is not`, `did you mean "corp"?`},
		"no session near":    {profile("sso_session = acme\n" + role), `[sso-session acme], which there is not`, "write a section [sso-session acme]"},
		"another region":     {profile("sso_session = corp\nsso_region = us-east-1\n" + role), "config:3: sso_region is another than at ", "take the line out"},
		"another portal":     {profile("sso_session = corp\nsso_start_url = https://other.awsapps.com/start\n" + role), "config:3: sso_start_url is another than at ", "take the line out"},
		"no start URL":       {"[profile p]\nsso_session = c\n" + role + "[sso-session c]\nsso_region = eu-west-1\n", `config:5: sso-session "c": missing sso_start_url`, "awsapps.com/start"},
		"no region":          {"[profile p]\nsso_session = c\n" + role + "[sso-session c]\nsso_start_url = https://a.example/start\n", `config:5: sso-session "c": missing sso_region`, "need not be the role's"},
		"no region, inline":  {"[profile p]\nsso_start_url = https://a.example/start\n" + role, `config:1: profile "p": missing sso_region`, "need not be the role's"},
		"a bad region":       {"[profile p]\nsso_start_url = https://a.example/start\nsso_region = Ireland\n" + role, `config:3: sso_region = "Ireland" is not the name of a region`, "eu-west-1"},
		"plain http":         {"[profile p]\nsso_start_url = http://a.example/start\nsso_region = eu-west-1\n" + role, "config:2: sso_start_url is not an https address", "awsapps.com"},
		"no address":         {"[profile p]\nsso_start_url = a.example\nsso_region = eu-west-1\n" + role, "config:2: sso_start_url is not the address of a portal", "awsapps.com"},
		"no scope":           {"[profile p]\nsso_session = c\n" + role + "[sso-session c]\nsso_start_url = https://a.example/start\nsso_region = eu-west-1\nsso_registration_scopes = ,\n", "config:8: sso_registration_scopes names no scope", "sso:account:access"},
		"endpoint over http": {profile("sso_session = corp\nendpoint_url = http://a.example\n" + role), "config:3: endpoint_url would send", "https://HOST"},
	} {
		t.Run(name, func(t *testing.T) {
			s := withPortal(t, c.config)
			f := s.refusal(t, "p")
			if f.Code != wire.BadConfig {
				t.Errorf("code = %s", f.Code)
			}
			mustContain(t, f.Reason, c.reason)
			mustContain(t, f.Hint, c.hint)
		})
	}
}

func TestWhereIdentityCenterIsAskedFollowsTheRegionAndTheFlags(t *testing.T) {
	const base = "[profile p]\nsso_start_url = https://a.example/start\nsso_account_id = 123456789012\nsso_role_name = Admin\nsso_region = "
	for config, want := range map[string]string{
		base + "eu-west-1\n": "https://oidc.eu-west-1.amazonaws.com https://portal.sso.eu-west-1.amazonaws.com",
		base + "us-gov-west-1\nuse_fips_endpoint = true\n":                                           "https://oidc.us-gov-west-1.amazonaws.com https://portal.sso.us-gov-west-1.amazonaws.com",
		base + "eu-west-1\nuse_dualstack_endpoint = true\n":                                          "https://oidc.eu-west-1.api.aws https://portal.sso.eu-west-1.api.aws",
		base + "eu-west-1\nregion = us-east-1\n":                                                     "https://oidc.eu-west-1.amazonaws.com https://portal.sso.eu-west-1.amazonaws.com",
		base + "eu-west-1\nendpoint_url = http://127.0.0.1:4566/x/\n":                                "http://127.0.0.1:4566/x http://127.0.0.1:4566/x",
		base + "cn-north-1\nservices = s\n[services s]\nsso =\n  endpoint_url = https://b.example\n": "https://oidc.cn-north-1.amazonaws.com.cn https://b.example",
	} {
		s := newStage(t, "", config, "")
		cfg, err := s.Read(t.Context(), filesOf(s))
		if err != nil {
			t.Fatal(err)
		}
		section, _ := cfg.Profile("p")
		place, err := (&builder{r: s.Resolver, cfg: cfg}).portal(profile{Profile: section, name: "p"})
		if err != nil {
			t.Errorf("%s\n%v", config, err)
			continue
		}
		if got := place.OIDC + " " + place.Portal; got != want {
			t.Errorf("%s\ngot  %s\nwant %s", config, got, want)
		}
	}
}

func TestEveryParameterOfAnSSOProfileIsInItsIdentity(t *testing.T) {
	s := withPortal(t, corpProfile)
	same := withPortal(t, strings.ReplaceAll(corpProfile, "corp", "acme"))
	write(t, same.query.ConfigFile, strings.ReplaceAll(strings.ReplaceAll(corpProfile, "corp", "acme"), "PORTAL", s.url(t)))
	if s.plan(t, "dev").ID != same.plan(t, "dev").ID {
		t.Error("the name of a section makes another session")
	}
	seen := map[string]string{s.plan(t, "dev").ID: "as it is"}
	for name, change := range map[string][2]string{
		"account": {"123456789012", "210987654321"},
		"role":    {"= Admin", "= Reader"},
		"portal":  {"example.awsapps", "other.awsapps"},
		"region":  {"sso_region = eu-west-1", "sso_region = eu-west-2"},
		"scope":   {"= sso:account:access", "= sso:account:access, codewhisperer:completions"},
	} {
		other := withPortal(t, "")
		write(t, other.query.ConfigFile, strings.ReplaceAll(strings.Replace(corpProfile, change[0], change[1], 1), "PORTAL", s.url(t)))
		id := other.plan(t, "dev").ID
		if as, known := seen[id]; known {
			t.Errorf("another %s is the same session as %s", name, as)
		}
		seen[id] = name
	}
}

// url is the URL of the stage's own services.
func (s *portalStage) url(t testing.TB) string {
	t.Helper()
	cfg, err := s.Read(t.Context(), filesOf(s.stage))
	if err != nil {
		t.Fatal(err)
	}
	services, _ := cfg.Services("corp-services")
	v, _ := services.Nested("sso", "endpoint_url")
	return v.Text
}

func TestAMissingOrInvalidPortalIsReported(t *testing.T) {
	for name, c := range map[string]struct {
		fault  steer.Fault
		reason string
	}{
		"a login page": {steer.Fault{Only: "GetRoleCredentials", Body: &steer.Body{Text: "<html>log in</html>"}}, "answered 200 OK (text/html): not an Identity Center answer"},
		"a bad proxy":  {steer.Fault{Only: "GetRoleCredentials", Body: &steer.Body{Text: "no"}, Status: 502}, "answered 502 Bad Gateway"},
		"a long one":   {steer.Fault{Only: "GetRoleCredentials", Body: &steer.Body{Text: strings.Repeat("x", 64<<10+1)}}, "more than 64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			s := withPortal(t, corpProfile)
			s.fake.Set(fake.Behaviour{Fault: c.fault})
			f := s.failure(t, "dev")
			if f.Code != wire.Temporary {
				t.Errorf("code = %s", f.Code)
			}
			mustContain(t, f.Reason, "get role credentials of Admin in account 123456789012: 127.0.0.1:", c.reason)
		})
	}
	s := withPortal(t, strings.ReplaceAll(corpProfile, "PORTAL", "http://127.0.0.1:1"))
	mustContain(t, s.failure(t, "dev").Reason, "sign in to https://example.awsapps.com/start: 127.0.0.1:1 refused the connection")
}

func TestRetryAfterOfAPortalIsReported(t *testing.T) {
	s := withPortal(t, corpProfile)
	s.session(t, "dev")
	s.fake.Set(fake.Behaviour{Fault: steer.Fault{Only: "GetRoleCredentials", Status: 429, RetryAfter: 7 * time.Second}})
	if f := s.failure(t, "dev"); f.Code != wire.Temporary || f.RetryAfter != 7*time.Second {
		t.Errorf("%s, again after %v", f.Code, f.RetryAfter)
	}
}

func TestNoSignInIsAskedForInTheBackground(t *testing.T) {
	s := withPortal(t, corpProfile)
	_, err := s.plan(t, "dev").Fetch(credential.Unattended(t.Context()), credential.Session{})
	if f := oneLine(t, err); f.Code != wire.LoginNeeded || !f.Unasked || s.tabs.Load() != 0 {
		t.Errorf("%+v after %d tabs", f, s.tabs.Load())
	}
}

func TestAFileOfTheCLIIsReadAndOnlyThat(t *testing.T) {
	s := withPortal(t, corpProfile)
	dir := t.TempDir()
	name, content := s.fake.SignIn().CacheFile("corp")
	write(t, filepath.Join(dir, name), string(content))
	s.SignIns = identitycenter.New(identitycenter.Config{CLIFile: identitycenter.CLICache(dir)})
	t.Cleanup(func() { s.SignIns.Close(context.Background()) })
	s.session(t, "dev")
	if n := s.fake.Count("CreateToken"); n != 0 {
		t.Errorf("%d tokens were made", n)
	}
}
