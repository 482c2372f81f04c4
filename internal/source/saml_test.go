//go:build unix

package source

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

const clerkRole = "arn:aws:iam::123456789012:role/Clerk"

// withAssertion is a stage with the profile clerk, whose command prints the file.
func withAssertion(t *testing.T, more string) (s *stage, sts *sandbox.Server, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "assertion")
	s, sts = withSTS(t, "[profile clerk]\nunderstudy_role_arn = "+clerkRole+"\nunderstudy_saml_process = cat "+file+"\n"+more)
	write(t, file, sts.SAMLAssertion(sandbox.Assertion{RoleARN: clerkRole}))
	return s, sts, file
}

func TestARoleIsAssumedWithTheAssertionThatACommandPrints(t *testing.T) {
	s, sts, file := withAssertion(t, "understudy_duration_seconds = 7200\n")
	text := sts.SAMLAssertion(sandbox.Assertion{RoleARN: clerkRole, SessionName: "clerk@example.com"})
	var lines strings.Builder
	for len(text) > 76 { // as base64(1) prints it
		lines.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	write(t, file, lines.String()+text+"\n")
	if p := s.plan(t, "clerk"); !p.Runs || p.Source != "role via SAML" || p.AccountID != "123456789012" {
		t.Errorf("plan = %+v", p)
	}
	if got := s.session(t, "clerk"); got.Lifetime < 119*time.Minute {
		t.Errorf("lifetime %v", got.Lifetime)
	}
	c := sts.Calls()[0]
	if c.Op != "AssumeRoleWithSAML" || c.Key != "" || c.Params["RoleSessionName"] != "" || c.Proof == "" ||
		c.Params["PrincipalArn"] != sandbox.SAMLProvider("123456789012") {
		t.Errorf("call = %+v", c)
	}
}

func TestTheProviderIsTheProfilesElseTheAssertions(t *testing.T) {
	s, sts, file := withAssertion(t, "understudy_saml_provider_arn = "+sandbox.SAMLProvider("123456789012")+"\n")
	s.session(t, "clerk")
	write(t, file, base64.StdEncoding.EncodeToString([]byte("encrypted")))
	f := s.failure(t, "clerk") // STS's word, not ours
	if f.Code != wire.LoginNeeded {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, "InvalidIdentityToken: Failed to parse SAML response")
	if n := len(sts.Calls()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

func TestEveryRefusalOfAnAssertionHasItsClass(t *testing.T) {
	for name, c := range map[string]struct {
		says         sandbox.Assertion
		code         wire.Code
		reason, hint string
		calls        int
	}{
		"an old one": {sandbox.Assertion{RoleARN: clerkRole, Lifetime: -time.Minute}, wire.LoginNeeded,
			"ExpiredTokenException: Token must be redeemed within 5 minutes of issuance", "has to print a SAML assertion that is valid now", 1},
		"for somebody else": {sandbox.Assertion{RoleARN: clerkRole, Audience: "https://elsewhere.example.com"}, wire.LoginNeeded,
			"InvalidIdentityToken: Response does not contain the required audience", "has to print a SAML assertion", 1},
		"for another role": {sandbox.Assertion{RoleARN: "arn:aws:iam::123456789012:role/Other"}, wire.BadConfig,
			"printed an assertion that is not for " + clerkRole, "it is for arn:aws:iam::123456789012:role/Other", 0},
		"by a provider that is not there": {sandbox.Assertion{RoleARN: clerkRole, Provider: "arn:aws:iam::123456789012:saml-provider/gone"}, wire.LoginNeeded,
			"InvalidIdentityToken: Specified provider doesn't exist", "has to print", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, sts, file := withAssertion(t, "")
			write(t, file, sts.SAMLAssertion(c.says))
			f := s.failure(t, "clerk")
			if f.Code != c.code || len(sts.Calls()) != c.calls {
				t.Errorf("code %s after %d calls, want %s after %d", f.Code, len(sts.Calls()), c.code, c.calls)
			}
			mustContain(t, f.Reason, c.reason)
			mustContain(t, f.Hint, c.hint)
		})
	}
	s, sts, _ := withAssertion(t, "")
	sts.AddRole(sandbox.Role{ARN: clerkRole, Trusts: []string{"111111111111"}})
	f := s.failure(t, "clerk")
	if f.Code != wire.Denied {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, "AccessDenied: Not authorized to perform sts:AssumeRoleWithSAML")
	mustContain(t, f.Hint, "trust policy")
}

func TestAnInvalidAssertionIsReportedWithoutItsContent(t *testing.T) {
	s, sts, file := withAssertion(t, "")
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for text, want := range map[string]string{
		"hunter2!":                          "it is not base64",
		b64("hunter2"):                      "it is not XML",
		b64("<Response>hunter2"):            "it is not XML",
		b64("<Response>hunter2<A></B>"):     "it is not XML",
		b64("<Response>hunter2</Response>"): "printed an assertion that is not for " + clerkRole,
	} {
		write(t, file, text)
		f := s.failure(t, "clerk")
		if f.Code != wire.BadConfig || strings.Contains(f.Reason+f.Hint, "hunter2") {
			t.Errorf("%s %q, %q", f.Code, f.Reason, f.Hint)
		}
		mustContain(t, f.Reason, want)
		mustContain(t, f.Hint, "understudy_saml_provider_arn")
	}
	if n := len(sts.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// attributes is an assertion with these values of the Role attribute.
func attributes(values ...string) string {
	var text strings.Builder
	text.WriteString(`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:AttributeStatement>` +
		`<saml:Attribute Name="mail"><saml:AttributeValue>` + clerkRole + `,arn:aws:iam::123456789012:saml-provider/decoy</saml:AttributeValue></saml:Attribute>` +
		`<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role" NameFormat="x">`)
	for _, v := range values {
		text.WriteString(`<saml:AttributeValue xmlns:xsi="x" xsi:type="xs:string">` + v + `</saml:AttributeValue>`)
	}
	text.WriteString(`</saml:Attribute><saml:Attribute Name="after"><saml:AttributeValue>` + clerkRole + `,arn:aws:iam::123456789012:saml-provider/decoy</saml:AttributeValue></saml:Attribute>`)
	return base64.StdEncoding.EncodeToString([]byte(`<?xml version="1.0" encoding="UTF-8"?>` + text.String() + `</saml:AttributeStatement></saml:Assertion>`))
}

func TestTheRolesOfAnAssertionComeInEitherOrder(t *testing.T) {
	const a, b = "arn:aws:iam::123456789012:saml-provider/a", "arn:aws-cn:iam::222222222222:saml-provider/b"
	pairs, err := rolesIn(attributes(
		clerkRole+","+a, "\n "+b+" ,\n arn:aws-cn:iam::222222222222:role/x/Y ", "arn:aws:iam::1:role/Z,"+a, clerkRole, "", a+","+a, clerkRole+",x", "<b>"+clerkRole+"</b>,"+a))
	if err != nil || len(pairs) != 2 || pairs[0] != (rolePair{clerkRole, a}) || pairs[1] != (rolePair{"arn:aws-cn:iam::222222222222:role/x/Y", b}) {
		t.Errorf("%v, %v", pairs, err)
	}
}

// FuzzRolesIn checks that an assertion, which comes from a command, gives pairs of
// ARNs or a short error that repeats none of it.
func FuzzRolesIn(f *testing.F) {
	f.Add(attributes(clerkRole + ",arn:aws:iam::123456789012:saml-provider/a"))
	f.Add(attributes())
	f.Add(base64.StdEncoding.EncodeToString([]byte(`<a><!DOCTYPE x [<!ENTITY e "y">]>&e;</a>`)))
	f.Add(base64.StdEncoding.EncodeToString([]byte(`<?xml version="1.0" encoding="latin1"?><a/>`)))
	f.Add("")
	f.Add("=")
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := rolesIn(text)
		if err != nil && (len(pairs) > 0 || len(err.Error()) > 40) {
			t.Errorf("%d pairs and %q", len(pairs), err)
		}
		for _, p := range pairs {
			if _, problem := splitRoleARN(p.role); problem != "" || !isProviderARN(p.provider) {
				t.Errorf("a pair of %q and %q", p.role, p.provider)
			}
		}
	})
}
