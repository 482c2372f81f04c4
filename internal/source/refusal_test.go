package source

import (
	"strings"
	"testing"
	"time"

	"understudy/internal/aws"
	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/text"
	"understudy/internal/wire"
)

func TestEveryRefusalOfSTSHasItsClass(t *testing.T) {
	for _, c := range []struct {
		code, message string
		status        int
		want          wire.Code
		baseRefused   bool
		hint          string
	}{
		{"ExpiredToken", "The security token included in the request is expired", 403, wire.Denied, true, "base"},
		{"ExpiredTokenException", "Token is expired", 400, wire.Denied, true, "base"},
		{"InvalidClientTokenId", "The security token included in the request is invalid", 403, wire.Denied, true, "deleted or inactive"},
		{"UnrecognizedClientException", "Not recognized", 400, wire.Denied, true, "base"},
		{"AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.", 403, wire.LoginNeeded, false, "MFA"},
		{"AccessDenied", "User: x is not authorized to perform: sts:AssumeRole", 403, wire.Denied, false, "trust policy"},
		{"ValidationError", "1 validation error detected", 400, wire.BadConfig, false, "config:"},
		{"MalformedPolicyDocument", "Syntax errors in policy.", 400, wire.BadConfig, false, "config:"},
		{"PackedPolicyTooLarge", "Packed size of session tags is 120%", 400, wire.BadConfig, false, "config:"},
		{"RegionDisabledException", "STS is not activated in this region", 403, wire.Denied, false, "region"},
		{"SignatureDoesNotMatch", "The request signature we calculated does not match", 403, wire.Denied, false, "secret access key"},
		{"SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z", 403, wire.Temporary, false, "clock"},
		{"SignatureDoesNotMatch", "Signature not yet current: 20260101T000000Z", 403, wire.Temporary, false, "clock"},
		{"RequestTimeTooSkewed", "The difference is too large", 403, wire.Temporary, false, "clock"},
		{"Throttling", "Rate exceeded", 400, wire.Temporary, false, "too often"},
		{"ThrottlingException", "Rate exceeded", 429, wire.Temporary, false, "too often"},
		{"InternalFailure", "We are sorry", 500, wire.Temporary, false, "asks again"},
		{"ServiceUnavailable", "Busy", 503, wire.Temporary, false, "asks again"},
		{"GatewayTimeout", "Slow", 504, wire.Temporary, false, "asks again"},
		{"IDPCommunicationError", "The IdP did not answer", 400, wire.Temporary, false, "asks again"},
		{"SomethingNew", "Nobody has seen this yet", 400, wire.Temporary, false, "asks again"},
	} {
		t.Run(c.code+" "+c.message, func(t *testing.T) {
			s, sts := withSTS(t, adminRole)
			sts.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: c.status, Code: c.code, Message: c.message}})
			f := s.failure(t, "admin")
			if f.Code != c.want || f.BaseRefused != c.baseRefused {
				t.Errorf("code %s, base refused %v; want %s, %v", f.Code, f.BaseRefused, c.want, c.baseRefused)
			}
			if want := `assume role "arn:aws:iam::123456789012:role/Admin": ` + c.code + ": " + strings.TrimSuffix(c.message, "."); f.Reason != want {
				t.Errorf("reason %q\nwant   %q", f.Reason, want)
			}
			mustContain(t, f.Hint, c.hint)
			if n := len(sts.Calls()); n != 1 {
				t.Errorf("%d calls for one try", n)
			}
		})
	}
}

func TestADenialSaysWhatWasSent(t *testing.T) {
	for name, c := range map[string]struct{ keys, want string }{
		"nothing":        {"", "the caller; no external_id was sent, session name alice@example"},
		"an external ID": {"external_id = demanded\nrole_session_name = bob\n", "the caller; sent: external_id of CONFIG:5, session name bob"},
		"tags":           {"session_tags = a=b\n", "the caller and its tags; no external_id was sent"},
	} {
		t.Run(name, func(t *testing.T) {
			s, sts := withSTS(t, adminRole+c.keys)
			sts.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 403, Code: "AccessDenied", Message: "not you"}})
			f := s.failure(t, "admin")
			mustContain(t, f.Hint, strings.ReplaceAll(c.want, "CONFIG", s.query.ConfigFile))
			if strings.Contains(f.Hint, "demanded") {
				t.Errorf("the hint has the external ID itself: %q", f.Hint)
			}
		})
	}
}

func TestADenialIsReportedInSTSsOwnWords(t *testing.T) {
	s, sts := withSTS(t, adminRole)
	sts.AddRole(sandbox.Role{ARN: "arn:aws:iam::123456789012:role/Admin", ExternalID: "demanded"})
	f := s.failure(t, "admin")
	want := `assume role "arn:aws:iam::123456789012:role/Admin": AccessDenied: ` +
		"User: arn:aws:iam::111111111111:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Admin"
	if f.Code != wire.Denied || f.Reason != want {
		t.Errorf("%s %q", f.Code, f.Reason)
	}
}

func TestARejectedSessionOfKeysDoesNotMentionARole(t *testing.T) {
	s, sts := withSTS(t, "")
	sts.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 403, Code: "AccessDenied", Message: "Cannot call GetSessionToken with session credentials"}})
	f := s.failure(t, "base")
	if want := `get session token for keys of "base": AccessDenied: Cannot call GetSessionToken with session credentials`; f.Code != wire.Denied || f.Reason != want {
		t.Errorf("%s %q", f.Code, f.Reason)
	}
	mustContain(t, f.Hint, `the keys of profile "base"`)
}

func TestAWrongSecretIsReportedAsOne(t *testing.T) {
	s, _ := withSTS(t, adminRole)
	write(t, s.query.CredentialsFile, strings.ReplaceAll(aliceKeys, "wJalr", "xJalr"))
	f := s.failure(t, "admin")
	if f.Code != wire.Denied {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, "SignatureDoesNotMatch")
	mustContain(t, f.Hint, `secret access key of profile "base"`)
}

func TestRetryAfterOfSTSIsReported(t *testing.T) {
	for _, fault := range []sandbox.Fault{
		{Status: 429, Code: "Throttling", RetryAfter: 7 * time.Second},
		{Status: 503, Body: &sandbox.Body{Text: "<html>busy</html>"}, RetryAfter: 7 * time.Second},
	} {
		s, sts := withSTS(t, adminRole)
		sts.Set(sandbox.Behaviour{Fault: fault})
		if f := s.failure(t, "admin"); f.RetryAfter != 7*time.Second || f.Code != wire.Temporary {
			t.Errorf("%s, retry after %v: %q", f.Code, f.RetryAfter, f.Reason)
		}
	}
}

func TestARoleWithShortSessionsIsAskedForAnHourAndThatIsRemembered(t *testing.T) {
	s, sts := withSTS(t, adminRole+"understudy_duration_seconds = 7200\n")
	sts.AddRole(sandbox.Role{ARN: "arn:aws:iam::123456789012:role/Admin"})
	for range 2 {
		s.session(t, "admin")
	}
	var asked []string
	for _, c := range sts.Calls() {
		asked = append(asked, c.Params["DurationSeconds"])
	}
	if got := strings.Join(asked, " "); got != "7200 3600 3600" {
		t.Errorf("asked for %s", got)
	}
}

func TestARevokedBaseIsNotADeniedRole(t *testing.T) {
	s, sts := withSTS(t, threeDeep)
	middle := s.session(t, "middle")
	sts.Revoke(middle.AccessKeyID)
	_, err := s.plan(t, "top").Fetch(t.Context(), middle)
	f := oneLine(t, err)
	if !f.BaseRefused || f.Code != wire.Denied {
		t.Errorf("%s, base refused %v: %q", f.Code, f.BaseRefused, f.Reason)
	}
	mustContain(t, f.Hint, `session of profile "middle"`)
}

func TestSecretsThatSTSRepeatsAreRemoved(t *testing.T) {
	s, sts := withSTS(t, threeDeep)
	base := s.session(t, "middle")
	sts.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 403, Code: "AccessDenied",
		Message: "key " + base.AccessKeyID + "\nsecret " + base.SecretAccessKey.Reveal() + "\x1b[31m token " + base.SessionToken.Reveal() + strings.Repeat(" and so on", 100)}})
	_, err := s.plan(t, "top").Fetch(t.Context(), base)
	f := oneLine(t, err)
	for _, secret := range []string{base.AccessKeyID, base.SecretAccessKey.Reveal(), base.SessionToken.Reveal()} {
		if strings.Contains(f.Reason, secret) {
			t.Errorf("the reason holds what must not be told: %q", f.Reason)
		}
	}
	if n := len([]rune(f.Reason)); n > text.MaxReason {
		t.Errorf("%d characters", n)
	}
	mustContain(t, f.Reason, "key [key] secret [key] [31m token [key] and so on")
}

func TestAnExpiredBaseIsReportedByTheCallThatItSigned(t *testing.T) {
	s, sts := withSTS(t, threeDeep)
	sts.Set(sandbox.Behaviour{Lifetime: time.Second})
	middle, err := fetch(t.Context(), s.plan(t, "bottom"))
	if err != nil {
		t.Fatal(err)
	}
	sts.Set(sandbox.Behaviour{Skew: time.Minute})
	_, err = s.plan(t, "middle").Fetch(t.Context(), middle)
	if f := oneLine(t, err); !f.BaseRefused || !strings.Contains(f.Reason, "ExpiredToken") {
		t.Errorf("base refused %v: %q", f.BaseRefused, f.Reason)
	}
}

func TestAFailureIsNeverWrappedTwice(t *testing.T) {
	inner := &credential.Failure{Code: wire.Denied, Reason: "no", Hint: "go"}
	if got := withoutCode(&aws.Refusal{Failure: inner, Code: "AccessDenied", Message: "no"}); got != error(inner) {
		t.Errorf("got a %T", got)
	}
	if got := withoutCode(nil); got != nil {
		t.Errorf("got %v for no error", got)
	}
}
