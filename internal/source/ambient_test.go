package source

import (
	"errors"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

func around(source, more string) string {
	return "[profile x]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nunderstudy_credential_source = " + source + "\n" + more
}

func aliceEnvironment() *credential.Environment {
	return &credential.Environment{
		AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: credential.NewSecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
	}
}

func TestTheCallersEnvironmentIsAskedForAndThenSigns(t *testing.T) {
	s, sts := withSTS(t, around("Environment", "duration_seconds = 7200\n"))
	if _, err := s.resolve(t, "x"); !errors.Is(err, credential.ErrWantsEnvironment) {
		t.Fatalf("got %v", err)
	}
	s.query.Environment = aliceEnvironment()
	p := s.plan(t, "x")
	if p.Base != nil || p.Source != "role via keys of the caller's environment" {
		t.Errorf("plan = %+v", p)
	}
	s.session(t, "x")
	if c := sts.Calls()[0]; c.Key != "AKIAIOSFODNN7EXAMPLE" || c.Params["DurationSeconds"] != "7200" {
		t.Errorf("call = %+v", c)
	}
	if s.plan(t, "x") != p {
		t.Error("the same environment gives another plan")
	}
	s.query.Environment = &credential.Environment{AccessKeyID: "AKIAI44QH8DHBEXAMPLE", SecretAccessKey: credential.NewSecret("x")}
	if other := s.plan(t, "x"); other.ID == p.ID {
		t.Error("another caller gets this one's session")
	}
	s.query.Environment = nil
	if _, err := s.resolve(t, "x"); !errors.Is(err, credential.ErrWantsEnvironment) {
		t.Errorf("a caller who told nothing gets a plan: %v", err)
	}
}

func TestTemporaryCredentialsOfACallerSignForAnHourAndAreNamedInErrors(t *testing.T) {
	s, sts := withSTS(t, around("Environment", "duration_seconds = 7200\n"))
	made := s.session(t, "base")
	s.query.Environment = &credential.Environment{AccessKeyID: made.AccessKeyID, SecretAccessKey: made.SecretAccessKey, SessionToken: made.SessionToken}
	if got := s.session(t, "x"); got.Lifetime > time.Hour+time.Minute {
		t.Errorf("lifetime %v", got.Lifetime)
	}
	sts.Revoke(made.AccessKeyID)
	f := s.failure(t, "x")
	if f.Code != wire.Denied {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Hint, "the temporary keys of the caller's environment have ended")
}

func TestAnEnvironmentWithoutAValidKeyIsRejected(t *testing.T) {
	s := newStage(t, "", around("Environment", ""), "")
	for _, env := range []*credential.Environment{
		{AccessKeyID: "A B", SecretAccessKey: credential.NewSecret("hunter2")},
		{AccessKeyID: "A", SecretAccessKey: credential.NewSecret("hunter2\n")},
		{AccessKeyID: "A", SecretAccessKey: credential.NewSecret("hunter2"), SessionToken: credential.NewSecret("hunter2 3")},
	} {
		s.query.Environment = env
		f := s.refusal(t, "x")
		if f.Code != wire.BadConfig || strings.Contains(f.Reason, "hunter2") {
			t.Errorf("%s %q", f.Code, f.Reason)
		}
		mustContain(t, f.Reason, "the caller's environment")
		mustContain(t, f.Hint, "AWS_ACCESS_KEY_ID")
	}
}

func TestOneKeySaysWhatSigns(t *testing.T) {
	const role = "[profile x]\nrole_arn = arn:aws:iam::123456789012:role/Admin\n"
	s := newStage(t, "", role+"source_profile = base\ncredential_source = Environment\n", aliceKeys)
	f := s.refusal(t, "x")
	mustContain(t, f.Reason, s.query.ConfigFile+":4: credential_source stands beside source_profile")
	mustContain(t, f.Hint, "keep one")
	for lines, want := range map[string]string{
		"understudy_source_profile = base\ncredential_source = Environment\n": "role via keys of base",
		"source_profile = base\nunderstudy_credential_source = Environment\n": "role via keys of the caller's environment",
	} {
		s := newStage(t, "", role+lines, aliceKeys)
		s.query.Environment = aliceEnvironment()
		if p := s.plan(t, "x"); p.Source != want {
			t.Errorf("%s: %s", lines, p.Source)
		}
	}
	f = newStage(t, "", around("Ec2", ""), "").refusal(t, "x")
	mustContain(t, f.Reason, `credential_source = "Ec2"`)
	mustContain(t, f.Hint, "Ec2InstanceMetadata")
}

func TestAnMFADeviceGoesWithTheCallersOwnKeysToo(t *testing.T) {
	s := newStage(t, "", around("Environment", "mfa_serial = arn:aws:iam::111111111111:mfa/alice\n"), "")
	s.query.Environment = aliceEnvironment()
	if p := s.plan(t, "x"); p.Base == nil || p.Base.Asks != "mfa arn:aws:iam::111111111111:mfa/alice" {
		t.Errorf("plan = %+v", p)
	}
}
