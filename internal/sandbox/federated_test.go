package sandbox_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/sandbox"
)

// unsigned is the SDK's client without any keys.
func unsigned(url string) *sts.Client {
	return sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: &url, Retryer: aws.NopRetryer{}, HTTPClient: &http.Client{Transport: fromMemory{http.DefaultTransport}}})
}

func webInput(token string) *sts.AssumeRoleWithWebIdentityInput {
	return &sts.AssumeRoleWithWebIdentityInput{RoleArn: aws.String(admin), RoleSessionName: aws.String("runner"), WebIdentityToken: &token}
}

func samlInput(assertion string) *sts.AssumeRoleWithSAMLInput {
	return &sts.AssumeRoleWithSAMLInput{RoleArn: aws.String(admin), PrincipalArn: aws.String(sandbox.SAMLProvider("123456789012")), SAMLAssertion: &assertion}
}

func TestAWebIdentityOpensARoleWithoutKeys(t *testing.T) {
	s := sandbox.New()
	s.AddRole(sandbox.Role{ARN: admin, Trusts: []string{sandbox.OIDCProvider("123456789012")}})
	url := serve(t, s)
	in := webInput(s.WebToken(sandbox.WebIdentity{Subject: "repo:example/app"}))
	out, err := unsigned(url).AssumeRoleWithWebIdentity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	const arn = "arn:aws:sts::123456789012:assumed-role/Admin/runner"
	if *out.SubjectFromWebIdentityToken != "repo:example/app" || *out.Audience != sandbox.Audience || *out.AssumedRoleUser.Arn != arn ||
		*out.Provider != sandbox.OIDCProvider("123456789012") {
		t.Errorf("%+v", out)
	}
	session := client(url, sessionKeys(out.Credentials))
	if who, err := session.GetCallerIdentity(t.Context(), nil); err != nil || *who.Arn != arn {
		t.Errorf("the session is %v, %v", who, err)
	}
	in.DurationSeconds = aws.Int32(3601)
	_, err = unsigned(url).AssumeRoleWithWebIdentity(t.Context(), in)
	wantError(t, err, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	in.DurationSeconds = aws.Int32(900)
	if out, err = unsigned(url).AssumeRoleWithWebIdentity(t.Context(), in); err != nil || time.Until(*out.Credentials.Expiration).Round(time.Minute) != 15*time.Minute {
		t.Errorf("a session of 15 min: %v, %v", out, err)
	}
	if calls := s.Calls(); calls[0].Key != "" || calls[0].Proof == "" || calls[3].Repeats != 2 || calls[0].Params["WebIdentityToken"] != "" {
		t.Errorf("recorded as %+v", calls)
	}
}

func TestAWebIdentityIsRefusedForWhatIsWrongWithIt(t *testing.T) {
	s := sandbox.New()
	s.AddRole(sandbox.Role{ARN: admin, Trusts: []string{sandbox.OIDCProvider("123456789012")}})
	s.AddRole(sandbox.Role{ARN: reader, Trusts: []string{sandbox.Example().ARN()}})
	c := unsigned(serve(t, s))
	good := s.WebToken(sandbox.WebIdentity{Subject: "app"})
	parts := strings.Split(good, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"` + sandbox.Issuer + `","aud":"sts.amazonaws.com","sub":"root","exp":9999999999}`))
	s.Reject("gone")
	for token, want := range map[string][2]string{
		"opaque-access-token": {"InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		s.WebToken(sandbox.WebIdentity{Subject: "a", Issuer: "https://other.example.com"}): {"InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://other.example.com"},
		s.WebToken(sandbox.WebIdentity{Subject: "a", Audience: "somebody"}):                {"InvalidIdentityToken", "Incorrect token audience"},
		s.WebToken(sandbox.WebIdentity{}):                                                  {"InvalidIdentityToken", "Missing a required claim: sub"},
		good + "\n":                                                                        {"InvalidIdentityToken", ""},
		parts[0] + "." + forged + "." + parts[2]:                                           {"InvalidIdentityToken", ""},
		sandbox.New().WebToken(sandbox.WebIdentity{Subject: "a"}):                          {"InvalidIdentityToken", ""}, // another's key
		s.WebToken(sandbox.WebIdentity{Subject: "a", Lifetime: -time.Minute}):              {"ExpiredTokenException", ""},
		s.WebToken(sandbox.WebIdentity{Subject: "gone"}):                                   {"IDPRejectedClaim", ""},
	} {
		_, err := c.AssumeRoleWithWebIdentity(t.Context(), webInput(token))
		wantError(t, err, want[0], want[1])
	}
	in := webInput(good)
	in.RoleArn = aws.String(reader) // trusts only a user
	_, err := c.AssumeRoleWithWebIdentity(t.Context(), in)
	wantError(t, err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	s.Set(sandbox.Behaviour{Fault: sandbox.Fault{Code: "IDPCommunicationError", Next: 1, Only: "AssumeRoleWithWebIdentity"}})
	if _, err := c.GetCallerIdentity(t.Context(), nil); err == nil || strings.Contains(err.Error(), "IDP") {
		t.Errorf("another action: %v", err)
	}
	_, err = c.AssumeRoleWithWebIdentity(t.Context(), webInput(good))
	wantError(t, err, "IDPCommunicationError", "")
	if _, err = c.AssumeRoleWithWebIdentity(t.Context(), webInput(good)); err != nil {
		t.Errorf("the provider answers again: %v", err)
	}
	s.Set(sandbox.Behaviour{Skew: time.Hour})
	_, err = c.AssumeRoleWithWebIdentity(t.Context(), webInput(good))
	wantError(t, err, "ExpiredTokenException", "")
}

func TestAnAssertionOpensTheRoleItNamesWithoutKeys(t *testing.T) {
	s := sandbox.New()
	s.AddRole(sandbox.Role{ARN: admin, Trusts: []string{sandbox.SAMLProvider("123456789012")}, MaxDuration: 2 * time.Hour})
	url := serve(t, s)
	in := samlInput(s.SAMLAssertion(sandbox.Assertion{RoleARN: admin, SessionName: "alice"}))
	in.DurationSeconds = aws.Int32(7200)
	out, err := unsigned(url).AssumeRoleWithSAML(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if *out.AssumedRoleUser.Arn != "arn:aws:sts::123456789012:assumed-role/Admin/alice" || *out.Audience != sandbox.SAMLAudience || *out.Subject != "alice" {
		t.Errorf("%+v", out)
	}
	if left := time.Until(*out.Credentials.Expiration).Round(time.Minute); left != 2*time.Hour {
		t.Errorf("a session of %v", left)
	}
	if _, err := client(url, sessionKeys(out.Credentials)).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Error(err)
	}
	in.SAMLAssertion = aws.String(s.SAMLAssertion(sandbox.Assertion{RoleARN: admin, Session: 20 * time.Minute}))
	out, err = unsigned(url).AssumeRoleWithSAML(t.Context(), in)
	if err != nil || time.Until(*out.Credentials.Expiration).Round(time.Minute) != 20*time.Minute {
		t.Errorf("an assertion that ends the session sooner: %+v, %v", out, err)
	}
	if s.Calls()[0].Params["SAMLAssertion"] != "" {
		t.Error("the assertion is in the record")
	}
}

func TestAnAssertionIsRefusedForWhatIsWrongWithIt(t *testing.T) {
	s := sandbox.New()
	s.AddRole(sandbox.Role{ARN: admin, Trusts: []string{sandbox.SAMLProvider("123456789012")}})
	c := unsigned(serve(t, s))
	ask := func(ctx context.Context, assertion string) error {
		_, err := c.AssumeRoleWithSAML(ctx, samlInput(assertion))
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(s.SAMLAssertion(sandbox.Assertion{RoleARN: reader}))
	if err != nil {
		t.Fatal(err)
	}
	forged := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(string(raw), reader, admin)))
	s.Reject("mallory")
	for assertion, want := range map[string][2]string{
		"not base64!": {"InvalidIdentityToken", "Invalid base64 SAMLResponse"},
		"PGh0bWw+":    {"InvalidIdentityToken", ""},
		forged:        {"InvalidIdentityToken", "Response signature invalid"},
		s.SAMLAssertion(sandbox.Assertion{RoleARN: admin, Audience: "https://example.com"}): {"InvalidIdentityToken", "Response does not contain the required audience."},
		s.SAMLAssertion(sandbox.Assertion{RoleARN: admin, SessionName: "-"}):                {"InvalidIdentityToken", "RoleSessionName is required in AuthnResponse"},
		s.SAMLAssertion(sandbox.Assertion{RoleARN: admin, SessionName: "not a name"}):       {"InvalidIdentityToken", ""},
		s.SAMLAssertion(sandbox.Assertion{RoleARN: admin, Lifetime: -time.Minute}):          {"ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"},
		s.SAMLAssertion(sandbox.Assertion{RoleARN: reader}):                                 {"AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML"},
		s.SAMLAssertion(sandbox.Assertion{RoleARN: admin, Subject: "mallory"}):              {"IDPRejectedClaim", ""},
	} {
		wantError(t, ask(t.Context(), assertion), want[0], want[1])
	}
	in := samlInput(s.SAMLAssertion(sandbox.Assertion{RoleARN: admin}))
	in.PrincipalArn = aws.String("arn:aws:iam::123456789012:saml-provider/other")
	_, err = c.AssumeRoleWithSAML(t.Context(), in)
	wantError(t, err, "InvalidIdentityToken", "Specified provider doesn't exist")
	good := s.SAMLAssertion(sandbox.Assertion{RoleARN: admin, Lifetime: time.Hour})
	s.Set(sandbox.Behaviour{Skew: 5 * time.Minute})
	wantError(t, ask(t.Context(), good), "ExpiredTokenException", "")
}
