package source

import (
	"context"
	"testing"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// The endpoints that get keys are not taken from a broken file.
func TestTheIssuerHasTheEndpointsOfTheProfile(t *testing.T) {
	s := newStage(t, "https://sts.example.com", `[profile plain]
[profile split]
region = eu-west-1
services = apart
[services apart]
iam =
  endpoint_url = https://iam.example.com
sts =
  endpoint_url = https://other.example.com
[profile bad]
endpoint_url = http://elsewhere.example.com
`, "")
	for profile, want := range map[string][2]string{
		"plain": {"https://sts.example.com", ""}, "none": {"https://sts.example.com", ""},
		"split": {"https://other.example.com", "https://iam.example.com"},
	} {
		q := s.query
		q.Profile = profile
		i, err := s.Issuer(t.Context(), q)
		if err != nil || i.STS.URL != want[0] || i.IAM.URL != want[1] {
			t.Errorf("%s: %+v, %v", profile, i, err)
		}
	}
	q := s.query
	q.Profile = "bad"
	if _, err := s.Issuer(t.Context(), q); err == nil || oneLine(t, err).Code != wire.BadConfig {
		t.Errorf("an endpoint that is no good: %v", err)
	}
	s.Read = func(context.Context, awsconfig.Files) (*awsconfig.Config, error) {
		cfg, _ := new(awsconfig.Reader).Read(t.Context(), filesOf(s))
		return cfg, &credential.Failure{Code: wire.BadConfig, Reason: "broken", Hint: "mend it"}
	}
	q.Profile = "plain"
	if _, err := s.Issuer(t.Context(), q); err == nil {
		t.Error("a broken file is believed")
	}
}
