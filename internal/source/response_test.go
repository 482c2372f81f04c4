package source

import (
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

func TestAnInvalidResponseIsRejected(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer sandbox.Behaviour
		reason string
	}{
		{"an HTML page", sandbox.Behaviour{Fault: sandbox.Fault{Body: &sandbox.Body{Text: "<html><body>Log in</body></html>"}}}, "answered 200 OK (text/html): not an STS answer"},
		{"an HTML refusal", sandbox.Behaviour{Fault: sandbox.Fault{Status: 403, Body: &sandbox.Body{Text: "<!doctype html><p>Blocked<br>by policy"}}}, "answered 403 Forbidden (text/html): not an STS answer"},
		{"JSON", sandbox.Behaviour{Fault: sandbox.Fault{Body: &sandbox.Body{Type: "application/json", Text: `{"a":1}`}}}, "(application/json): not an STS answer"},
		{"a plain 502", sandbox.Behaviour{Fault: sandbox.Fault{Status: 502, Body: &sandbox.Body{Type: "text/plain", Text: "bad gateway"}}}, "answered 502 Bad Gateway (text/plain)"},
		{"nothing", sandbox.Behaviour{Fault: sandbox.Fault{Body: &sandbox.Body{Type: "text/xml", Text: ""}}}, "no Credentials"},
		{"100 MB", sandbox.Behaviour{Fault: sandbox.Fault{Body: &sandbox.Body{Type: "text/xml", Text: strings.Repeat("<a>", 1<<10), Repeat: 100 << 20 >> 10 / 3}}}, "more than 64 KiB"},
		{"cut XML", sandbox.Behaviour{Mutate: sandbox.CutXML}, "cut short or malformed"},
		{"a cut connection", sandbox.Behaviour{Mutate: sandbox.CutBody}, "cut"},
		{"an Expiration in the past", sandbox.Behaviour{Mutate: sandbox.ExpirationPast}, "had expired when it was issued"},
		{"an Expiration in 2099", sandbox.Behaviour{Mutate: sandbox.Expiration2099}, "longer than any session lives"},
		{"a malformed Expiration", sandbox.Behaviour{Mutate: sandbox.ExpirationMalformed}, "cut short or malformed"},
		{"no Expiration", sandbox.Behaviour{Mutate: sandbox.NoExpiration}, "no Expiration"},
		{"no AccessKeyId", sandbox.Behaviour{Mutate: sandbox.NoAccessKeyID}, "no AccessKeyId"},
		{"no SecretAccessKey", sandbox.Behaviour{Mutate: sandbox.NoSecret}, "no SecretAccessKey"},
		{"no SessionToken", sandbox.Behaviour{Mutate: sandbox.NoToken}, "no SessionToken"},
		{"no Credentials", sandbox.Behaviour{Mutate: sandbox.NoCredentials}, "no Credentials"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, sts := withSTS(t, adminRole)
			c.answer.SecretMark = "MARKED"
			sts.Set(c.answer)
			f := s.failure(t, "admin")
			if f.Code != wire.Temporary {
				t.Errorf("code %s", f.Code)
			}
			mustContain(t, f.Reason, `assume role "arn:aws:iam::123456789012:role/Admin": `, c.reason)
			if strings.Contains(f.Reason+f.Hint, "MARKED") {
				t.Errorf("a secret in %q", f.Reason)
			}
		})
	}
}

func TestATokenOf16KiBIsComplete(t *testing.T) {
	s, sts := withSTS(t, adminRole)
	sts.Set(sandbox.Behaviour{TokenSize: 16 << 10})
	if n := len(s.session(t, "admin").SessionToken.Reveal()); n != 16<<10 {
		t.Errorf("%d characters", n)
	}
}

func TestAClockTenMinutesOffCostsOneMoreCallOnceAndIsReported(t *testing.T) {
	for _, skew := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		s, sts := withSTS(t, adminRole)
		sts.Set(sandbox.Behaviour{Skew: skew, Window: 5 * time.Minute})
		got := s.session(t, "admin")
		if n := len(sts.Calls()); n != 2 {
			t.Errorf("skew %v: %d calls, want the refused one and its correction", skew, n)
		}
		if d := got.Lifetime - time.Hour; d < -2*time.Second || d > 2*time.Second {
			t.Errorf("skew %v: lifetime %v by STS's own clock, want an hour", skew, got.Lifetime)
		}
		s.session(t, "admin")
		if n := len(sts.Calls()); n != 3 {
			t.Errorf("skew %v: %d calls after the second fetch: the correction was forgotten", skew, n)
		}
		if len(s.skews) != 2 {
			t.Fatalf("skew %v: reported %v, want one for each fetch", skew, s.skews)
		}
		for _, told := range s.skews {
			if d := told - skew; d < -2*time.Second || d > 2*time.Second {
				t.Errorf("skew %v: reported %v", skew, told)
			}
		}
	}
}

func TestTheSessionIsIssuedByTheResolversClock(t *testing.T) {
	s, _ := withSTS(t, adminRole)
	at := credential.Moment{Wall: time.Now().Round(0).Add(-7 * time.Minute), Boot: 42 * time.Hour, ID: "this boot"}
	s.Now = func() credential.Moment { return at }
	if got := s.session(t, "admin"); got.Issued != at {
		t.Errorf("issued at %+v, want %+v", got.Issued, at)
	}
	if told := s.skews[0]; told < 7*time.Minute-2*time.Second || told > 7*time.Minute+2*time.Second {
		t.Errorf("reported a skew of %v, want 7 minutes", told)
	}
}

func TestAClockFarAheadIsReportedAndLosesNoAnswer(t *testing.T) {
	s, _ := withSTS(t, adminRole)
	s.Now = func() credential.Moment {
		return credential.Moment{Wall: time.Now().Round(0).Add(8 * time.Hour), ID: "this boot"}
	}
	got := s.session(t, "admin")
	if d := got.Lifetime - time.Hour; d < -2*time.Second || d > 2*time.Second {
		t.Errorf("lifetime %v, want the hour by STS's clock", got.Lifetime)
	}
	if d := s.skews[0] + 8*time.Hour; d < -2*time.Second || d > 2*time.Second {
		t.Errorf("reported %v", s.skews[0])
	}
}
