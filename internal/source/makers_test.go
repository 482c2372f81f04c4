package source

import (
	"strings"
	"testing"

	"understudy/internal/wire"
)

func TestOurOwnCredentialProcessIsNoSource(t *testing.T) {
	for command, own := range map[string]bool{
		"/usr/local/bin/understudy-credentials prod":     true,
		"understudy-credentials --profile prod":          true,
		`C:\tools\Understudy-Credentials.EXE prod`:       true,
		`"/Program Files/u/understudy-credentials" prod`: true,
		"/opt/understudy get prod":                       true,
		"understudy.exe get prod":                        true,
		"understudy status":                              false,
		"understudy":                                     false,
		"/usr/bin/other understudy-credentials":          false,
		"not-understudy-credentials":                     false,
		`"`:                                              false,
	} {
		if got := ourOwn(command); got != own {
			t.Errorf("%s: own = %v", command, got)
		}
	}
	s := newStage(t, "", "[profile x]\ncredential_process = /usr/bin/understudy-credentials x\n", aliceKeys)
	f := s.refusal(t, "x")
	mustContain(t, f.Reason, s.query.ConfigFile+":1: ", "missing role_arn")
	mustContain(t, f.Hint, "understudy_role_arn")
}

func TestThePrefixedKeyOverridesThePlainOne(t *testing.T) {
	s, sts := withSTS(t, adminRole+"role_arn = arn:aws:iam::123456789012:role/Plain\nsource_profile = nobody\n")
	s.session(t, "admin")
	if got := sts.Calls()[0].Params["RoleArn"]; !strings.HasSuffix(got, "role/Admin") {
		t.Errorf("assumed %s", got)
	}
}

func TestAProfileWithoutASourceSaysWhatIsMissing(t *testing.T) {
	s := newStage(t, "", `[profile empty]
region = eu-west-1
[profile onempty]
role_arn = arn:aws:iam::123456789012:role/A
source_profile = empty
[profile alone]
role_arn = arn:aws:iam::123456789012:role/A
[profile half]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
[profile own]
role_arn = arn:aws:iam::123456789012:role/A
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = x
[profile odd]
aws_access_key_id = AKIA IOSFODNN7
aws_secret_access_key = hunter2
`, "")
	for profile, want := range map[string][3]string{
		"empty":   {":1: ", `"empty": missing role_arn`, "understudy_role_arn"},
		"onempty": {":1: ", `"empty": missing role_arn`, "understudy_role_arn"},
		"alone":   {":6: ", "role_arn without source_profile", "understudy_source_profile"},
		"half":    {":9: ", "without aws_secret_access_key", "both"},
		"own":     {":10: ", "role_arn without source_profile", "understudy_source_profile = own"},
		"odd":     {":15: ", "no key of AWS", "aws configure --profile odd"},
	} {
		f := s.refusal(t, profile)
		if f.Code != wire.BadConfig {
			t.Errorf("%s: code %s", profile, f.Code)
		}
		mustContain(t, f.Reason, s.query.ConfigFile+want[0], want[1])
		mustContain(t, f.Hint, want[2])
		if strings.Contains(f.Reason+f.Hint, "hunter2") {
			t.Errorf("%s: a secret in %q", profile, f.Reason)
		}
	}
}
