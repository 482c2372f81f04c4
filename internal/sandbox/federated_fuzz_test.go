package sandbox

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"
)

// FuzzToken reads tokens of every shape: none but the issuer's own is believed.
func FuzzToken(f *testing.F) {
	s := New()
	good := s.WebToken(WebIdentity{Subject: "a", Lifetime: 1000 * time.Hour})
	f.Add(good)
	f.Add(New().WebToken(WebIdentity{Subject: "a"}))
	f.Add("..")
	f.Add("e30.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		_, err := s.idp.readToken(token, time.Now())
		if _, ok := errors.AsType[*refusal](err); err != nil && !ok {
			t.Fatalf("an error that is no answer: %v", err)
		}
		if err == nil && token != good {
			t.Fatalf("believed %q", token)
		}
	})
}

// FuzzAssertion reads assertions of every shape: what one says that is believed
// is what the provider has said.
func FuzzAssertion(f *testing.F) {
	s := New()
	raw, err := base64.StdEncoding.DecodeString(s.SAMLAssertion(Assertion{RoleARN: "arn:aws:iam::123456789012:role/B", Session: time.Hour}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"><Assertion IssueInstant="0000-01-01T00:00:00Z"/></Response>`))
	f.Add([]byte(`<Response`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := s.idp.readAssertion(base64.StdEncoding.EncodeToString(raw), time.Now())
		if _, ok := errors.AsType[*refusal](err); err != nil && !ok {
			t.Fatalf("an error that is no answer: %v", err)
		}
		if err != nil {
			return
		}
		if a.Subject != "alice" || !a.offers("arn:aws:iam::123456789012:role/B", SAMLProvider("123456789012")) || len(a.attribute(roleAttribute)) != 1 {
			t.Fatalf("believed %q", raw)
		}
	})
}
