//go:build unix

package source

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

const podRole = `
[profile pod]
understudy_role_arn = arn:aws:iam::123456789012:role/Pod
`

// withToken is a stage with the profile pod, whose token is in the file.
func withToken(t *testing.T, more string) (s *stage, sts *sandbox.Server, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "token")
	s, sts = withSTS(t, podRole+"understudy_web_identity_token_file = "+file+"\n"+more)
	write(t, file, sts.WebToken(sandbox.WebIdentity{Subject: "app"})+"\n")
	return s, sts, file
}

func TestARoleIsAssumedWithTheTokenOfAFileAndNoSignature(t *testing.T) {
	s, sts, file := withToken(t, `understudy_role_session_name = app
understudy_duration_seconds = 43200
understudy_policy = {"Version":"2012-10-17","Statement":[]}
understudy_policy_arns = arn:aws:iam::aws:policy/ReadOnlyAccess
external_id = not-for-this-call
mfa_serial = arn:aws:iam::111111111111:mfa/alice
source_profile = base
`)
	p := s.plan(t, "pod")
	if p.RoleARN != "arn:aws:iam::123456789012:role/Pod" || p.Source != "role via web identity" || p.Base != nil || p.Runs {
		t.Errorf("plan = %+v", p)
	}
	got := s.session(t, "pod")
	if got.AccountID != "123456789012" || got.Lifetime < 11*time.Hour {
		t.Errorf("account %s, lifetime %v", got.AccountID, got.Lifetime)
	}
	write(t, file, sts.WebToken(sandbox.WebIdentity{Subject: "app"}))
	s.session(t, "pod")
	calls := sts.Calls()
	want := map[string]string{
		"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15",
		"RoleArn": "arn:aws:iam::123456789012:role/Pod", "RoleSessionName": "app", "DurationSeconds": "43200",
		"Policy": `{"Version":"2012-10-17","Statement":[]}`, "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
	}
	if got := calls[0].Params; !maps.Equal(got, want) {
		t.Errorf("sent %v\nwant %v", got, want)
	}
	if calls[0].Key != "" {
		t.Errorf("signed with %s", calls[0].Key)
	}
	if calls[0].Proof == calls[1].Proof {
		t.Error("the file was not read again")
	}
}

func TestAChangedTokenFileIsTheSameSessionMadeFromSomethingElse(t *testing.T) {
	s, sts, file := withToken(t, "[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = pod\n")
	first, above := s.plan(t, "pod"), s.plan(t, "admin")
	if s.plan(t, "pod") != first || above.Base.ID != first.ID || above.Stamp != "" {
		t.Error("an unchanged file gives another plan")
	}
	replace(t, file, sts.WebToken(sandbox.WebIdentity{Subject: "app", Audience: "longer than the other"}))
	second := s.plan(t, "pod")
	if second == first || second.ID != first.ID || second.Stamp == first.Stamp {
		t.Errorf("stamp %q then %q, the same identity: %v", first.Stamp, second.Stamp, second.ID == first.ID)
	}
	if s.plan(t, "admin") == above {
		t.Error("what stands on it has not noticed")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	third := s.plan(t, "pod") // the session may be a good one
	if third == second || third.ID != first.ID || s.plan(t, "pod") != third {
		t.Error("a file that is gone gives another session, or another plan each time")
	}
	f := s.failure(t, "pod")
	if f.Code != wire.BadConfig {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, s.query.ConfigFile+":4: understudy_web_identity_token_file", file)
	write(t, file, sts.WebToken(sandbox.WebIdentity{Subject: "app"}))
	s.session(t, "pod")
}

func TestEveryRefusalOfATokenHasItsClass(t *testing.T) {
	for name, c := range map[string]struct {
		token  sandbox.WebIdentity
		set    func(*sandbox.Server)
		code   wire.Code
		reason string
		hint   string
	}{
		"an old token": {sandbox.WebIdentity{Subject: "app", Lifetime: -time.Minute}, nil, wire.LoginNeeded, "ExpiredTokenException: Token expired", "read again when it changes"},
		"another audience": {sandbox.WebIdentity{Subject: "app", Audience: "somebody"}, nil, wire.LoginNeeded,
			"InvalidIdentityToken: Incorrect token audience", "read again when it changes"},
		"another provider": {sandbox.WebIdentity{Subject: "app", Issuer: "https://elsewhere.example.com"}, nil, wire.LoginNeeded,
			"InvalidIdentityToken: No OpenIDConnect provider found", "read again when it changes"},
		"a claim that the provider takes back": {sandbox.WebIdentity{Subject: "app"}, func(s *sandbox.Server) { s.Reject("app") }, wire.LoginNeeded,
			"IDPRejectedClaim", "read again when it changes"},
		"a role for somebody else": {sandbox.WebIdentity{Subject: "app"}, func(s *sandbox.Server) {
			s.AddRole(sandbox.Role{ARN: "arn:aws:iam::123456789012:role/Pod", Trusts: []string{"111111111111"}})
		}, wire.Denied, "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity", "trust policy of the role"},
		"a provider that does not answer": {sandbox.WebIdentity{Subject: "app"}, func(s *sandbox.Server) {
			s.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 400, Code: "IDPCommunicationError", Message: "later"}})
		}, wire.Temporary, "IDPCommunicationError: later", "asks again"},
		"a policy that is none": {sandbox.WebIdentity{Subject: "app"}, func(s *sandbox.Server) {
			s.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 400, Code: "MalformedPolicyDocument"}})
		}, wire.BadConfig, "MalformedPolicyDocument", "look at the parameters"},
		"too many calls": {sandbox.WebIdentity{Subject: "app"}, func(s *sandbox.Server) {
			s.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 429, Code: "Throttling"}})
		}, wire.Temporary, "Throttling", "too often"},
	} {
		t.Run(name, func(t *testing.T) {
			s, sts, file := withToken(t, "")
			write(t, file, sts.WebToken(c.token))
			if c.set != nil {
				c.set(sts)
			}
			f := s.failure(t, "pod")
			if f.Code != c.code || f.BaseRefused {
				t.Errorf("code %s, want %s; base refused %v", f.Code, c.code, f.BaseRefused)
			}
			mustContain(t, f.Reason, `assume role "arn:aws:iam::123456789012:role/Pod": `+c.reason)
			mustContain(t, f.Hint, c.hint)
			if n := len(sts.Calls()); n != 1 {
				t.Errorf("%d calls for one try", n)
			}
		})
	}
}

func TestARoleWithShortSessionsIsAskedForAnHourWithATokenToo(t *testing.T) {
	s, sts, _ := withToken(t, "understudy_duration_seconds = 7200\n")
	sts.AddRole(sandbox.Role{ARN: "arn:aws:iam::123456789012:role/Pod"})
	if got := s.session(t, "pod"); got.Lifetime > time.Hour+time.Minute {
		t.Errorf("lifetime %v", got.Lifetime)
	}
}

func TestATokenIsInNoMessage(t *testing.T) {
	s, sts, file := withToken(t, "")
	write(t, file, "eyJhbGciOiJub25lIn0.hunter2.x")
	sts.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 403, Code: "AccessDenied", Message: "not with eyJhbGciOiJub25lIn0.hunter2.x"}})
	f := s.failure(t, "pod")
	mustContain(t, f.Reason, "not with [key]")
	for what, text := range map[string]string{
		"more than one word": "eyJ hunter2", "nothing": " \n", "too little": "ey",
		"more than the 20000 characters that STS takes": "hunter2" + strings.Repeat("x", 20000),
	} {
		write(t, file, text)
		f := s.failure(t, "pod")
		if f.Code != wire.BadConfig || strings.Contains(f.Reason, "hunter2") {
			t.Errorf("%s %q", f.Code, f.Reason)
		}
		mustContain(t, f.Reason, "names a file that holds "+what)
	}
	write(t, file, strings.Repeat("x", 1<<20))
	f = s.failure(t, "pod")
	mustContain(t, f.Reason, "names a file that cannot be used", "larger than")
}

func TestAPrefixedKeyThatTheCallDoesNotTakeIsRejected(t *testing.T) {
	for line, what := range map[string]string{
		"understudy_external_id = x1":                "trust policy looks at the",
		"understudy_source_identity = alice":         "identity provider says it",
		"understudy_session_tags = a=b":              "identity provider says it",
		"understudy_transitive_session_tags = a":     "identity provider says it",
		"saml understudy_role_session_name = alice2": "identity provider says it",
	} {
		line, isSAML := strings.CutPrefix(line, "saml ")
		by := "web_identity_token_process = echo x\n"
		if isSAML {
			by = "saml_process = echo x\n"
		}
		s := newStage(t, "", podRole+by+line+"\n", "")
		f := s.refusal(t, "pod")
		if f.Code != wire.BadConfig {
			t.Errorf("code %s", f.Code)
		}
		mustContain(t, f.Reason, s.query.ConfigFile+":5: "+strings.Fields(line)[0]+" has no place")
		mustContain(t, f.Hint, what)
		newStage(t, "", podRole+by+strings.TrimPrefix(line, "understudy_")+"\n", "").plan(t, "pod")
	}
}

func TestATokenNeedsARoleAndAPathFromTheRoot(t *testing.T) {
	for config, want := range map[string][2]string{
		"web_identity_token_file = /token\n": {"web_identity_token_file needs role_arn", "understudy_role_arn"},
		"saml_process = x\n":                 {"saml_process needs role_arn", "understudy_role_arn"},
		"web_identity_token_file = token\nrole_arn = arn:aws:iam::123456789012:role/A\n": {"not an absolute path", "from the root"},
		"web_identity_token_file = /token\nrole_arn = A\n":                               {"not an ARN", "arn:aws:iam::"},
		"saml_process = x\nrole_arn = arn:aws:iam::123456789012:role/A\nsaml_provider_arn = arn:aws:iam::1:saml-provider/x\n": {
			"not the ARN of a SAML provider", "saml-provider/NAME"},
	} {
		f := newStage(t, "", "[profile x]\n"+config, "").refusal(t, "x")
		mustContain(t, f.Reason, want[0])
		mustContain(t, f.Hint, want[1])
	}
}

func TestACommandMayPrintTheToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	s, sts := withSTS(t, podRole+"web_identity_token_file = /nowhere\nunderstudy_web_identity_token_process = cat "+file+"\n")
	write(t, file, sts.WebToken(sandbox.WebIdentity{Subject: "app"})+"\n")
	if p := s.plan(t, "pod"); !p.Runs || p.Stamp != "" {
		t.Errorf("plan = %+v", p)
	}
	s.session(t, "pod")
	write(t, file, sts.WebToken(sandbox.WebIdentity{Subject: "app", Lifetime: -time.Minute}))
	f := s.failure(t, "pod")
	if f.Code != wire.LoginNeeded {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Hint, "has to print a web identity token that is valid now")
	write(t, file, strings.Repeat("x", 40_000))
	f = s.failure(t, "pod")
	mustContain(t, f.Reason, "printed more than it may")
	mustContain(t, f.Hint, "27 KiB at most")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	f = s.failure(t, "pod")
	if f.Code != wire.Temporary {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, s.query.ConfigFile+":5: understudy_web_identity_token_process: the command ended with status 1: cat: ")
}

func TestTheIdentityOfAFederatedRoleIsItsProofs(t *testing.T) {
	seen := map[string]string{}
	for _, lines := range []string{
		"web_identity_token_file = /a", "web_identity_token_file = /b", "web_identity_token_process = /a", "saml_process = /a",
		"saml_process = /a\nsaml_provider_arn = arn:aws:iam::123456789012:saml-provider/x", "source_profile = base",
		"web_identity_token_file = /a\nrole_session_name = other",
	} {
		id := idOf(t, "[profile x]\nrole_arn = arn:aws:iam::123456789012:role/A\n"+lines+"\n", aliceKeys, nil)
		if other, ok := seen[id]; ok {
			t.Errorf("%q has the identity of %q", lines, other)
		}
		seen[id] = lines
	}
	same := idOf(t, "[profile x]\nunderstudy_role_arn = arn:aws:iam::123456789012:role/A\nunderstudy_web_identity_token_file = /a\nexternal_id = nothing\n", "", nil)
	if seen[same] != "web_identity_token_file = /a" {
		t.Error("the prefix, or a key that does not count, changes the identity")
	}
}
