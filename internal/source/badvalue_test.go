package source

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"understudy/internal/wire"
)

func TestABadValueIsReportedWithItsLineAndAHint(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big.json")
	write(t, big, `{"a":"`+strings.Repeat("x", 2048)+`"}`)
	for _, c := range []struct{ line, reason, hint string }{
		{"role_arn = Admin", "not an ARN", "arn:aws:iam::123456789012:role/NAME"},
		{"role_arn = arn:aws:iam::12345:role/Admin", `the account "12345" is not 12 digits`, "arn:aws:iam::"},
		{"role_arn = arn:aws:iam::123456789012:user/alice", "not the ARN of a role", "arn:aws:iam::"},
		{"role_arn = arn:aws:sts::123456789012:assumed-role/A/b", "not an ARN of IAM", "arn:aws:iam::"},
		{"role_arn = arn:aws:iam:eu-west-1:123456789012:role/A", "no region", "arn:aws:iam::"},
		{"role_arn = arn:azure:iam::123456789012:role/A", `"azure" is no partition`, "arn:aws:iam::"},
		{"role_arn = arn:aws-:iam::123456789012:role/A", `"aws-" is no partition`, "arn:aws:iam::"},
		{"role_arn = arn:aws:iam::123456789012:role/", "the role's name", "arn:aws:iam::"},
		{"role_arn = arn:aws:iam::123456789012:role/a b", "the role's name", "arn:aws:iam::"},
		{"role_arn = arn:aws:iam::123456789012:role/" + strings.Repeat("a", 65), "the role's name", "arn:aws:iam::"},
		{"role_arn = arn:aws:iam::123456789012:role/ü/a", "the role's path", "arn:aws:iam::"},
		{"duration_seconds = 899", "out of range", "900 to 43200"},
		{"duration_seconds = 43201", "out of range", "900 to 43200"},
		{"duration_seconds = 1h", "out of range", "900 to 43200"},
		{"duration_seconds = 99999999999999999999", "out of range", "900 to 43200"},
		{"duration_seconds = -3600", "out of range", "900 to 43200"},
		{"role_session_name = a", "cannot be used", "2 to 64"},
		{"role_session_name = a b", "cannot be used", "2 to 64"},
		{"role_session_name = " + strings.Repeat("a", 65), "cannot be used", "2 to 64"},
		{"source_identity = ä-b", "cannot be used", "2 to 64"},
		{"external_id = x", "not an external ID", "2 to 1224"},
		{"external_id = a b", "not an external ID", "2 to 1224"},
		{"external_id = " + strings.Repeat("x", 1225), "not an external ID", "2 to 1224"},
		{"session_tags = team", "not key=value", "key=value"},
		{"session_tags = =blue", "has the key", "1 to 128"},
		{"session_tags = aws:team=blue", "has the key", "aws:"},
		{"session_tags = te*am=blue", "has the key", "1 to 128"},
		{"session_tags = " + strings.Repeat("k", 129) + "=v", "has the key", "1 to 128"},
		{"session_tags = team=" + strings.Repeat("v", 257), "a value", "256"},
		{"session_tags = team=a,Team=b", "twice", "keep one"},
		{"session_tags = " + manyTags(51), "51 tags", "50"},
		{"transitive_session_tags = a,,b", "has the key", "1 to 128"},
		{"policy = {\"a\":", "not a JSON object", "Version"},
		{"policy = {\"a\":\"" + strings.Repeat("x", 2048) + "\"}", "characters", "2048"},
		{"policy = " + big, "characters", "2048"},
		{"policy = policy.json", "not an absolute path", "from ~/"},
		{"policy = " + t.TempDir(), "not a regular file", "as JSON"},
		{"policy = /nowhere/policy.json", "cannot be used", "as JSON"},
		{"policy_arns = arn:aws:iam::aws:policy/", "not the ARN of a managed policy", "policy/NAME"},
		{"policy_arns = " + strings.Repeat("arn:aws:iam::aws:policy/A,", 10) + "arn:aws:iam::aws:policy/B", "11 ARNs", "10"},
		{"region = Frankfurt", "not the name of a region", "eu-west-1"},
		{"region = us_east_1", "not the name of a region", "eu-west-1"},
		{"region = us-east-1-fips", "not the name of a region", "use_fips_endpoint"},
		{"endpoint_url = http://sts.example.com", "unencrypted", "https://HOST"},
		{"endpoint_url = http://127.0.0.1.example.com", "unencrypted", "https://HOST"},
		{"endpoint_url = ftp://sts.example.com", "neither https nor http", "https://HOST"},
		{"endpoint_url = sts.example.com", "not a URL", "https://HOST"},
		{"endpoint_url = https://alice:hunter2@sts.example.com", "more than a host", "https://HOST"},
		{"endpoint_url = https://sts.example.com?x=y", "more than a host", "https://HOST"},
		{"services = missing", "which there is not", "write the section"},
		{"ca_bundle = ca.pem", "not an absolute path", "from ~/"},
		{"ca_bundle = /nowhere/ca.pem", "cannot be used", "PEM"},
		{"ca_bundle = " + big, "no certificate in PEM form", "PEM"},
		{"use_fips_endpoint = yes", `= "yes"`, "true or false"},
		{"use_dualstack_endpoint = 1", `= "1"`, "true or false"},
		{"sts_regional_endpoints = global", `= "global"`, "regional or legacy"},
		{"source_profile = bsae", `"bsae", which there is not`, `did you mean "base"?`},
		{"source_profile = nobody-has-this-name-at-all", "which there is not", "name"},
	} {
		t.Run(brief(c.line), func(t *testing.T) {
			key, _, _ := strings.Cut(c.line, " =")
			var config strings.Builder
			config.WriteString("[profile x]\n" + c.line + "\n")
			for k, v := range map[string]string{"role_arn": "arn:aws:iam::123456789012:role/Admin", "source_profile": "base"} {
				if k != key {
					config.WriteString(k + " = " + v + "\n")
				}
			}
			s := newStage(t, "", config.String(), aliceKeys)
			f := s.refusal(t, "x")
			if f.Code != wire.BadConfig {
				t.Errorf("code %s", f.Code)
			}
			mustContain(t, f.Reason, fmt.Sprintf("%s:2: %s ", s.query.ConfigFile, key), c.reason)
			mustContain(t, f.Hint, c.hint)
			if strings.Contains(f.Reason, "hunter2") {
				t.Errorf("a password is told: %q", f.Reason)
			}
		})
	}
}

func manyTags(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("k%d=v", i))
	}
	return strings.Join(all, ",")
}

func TestValuesThatSTSAcceptsAreAccepted(t *testing.T) {
	for _, line := range []string{
		"role_arn = arn:aws-cn:iam::123456789012:role/Admin",
		"role_arn = arn:aws:iam::123456789012:role/a/b/c+=,.@-_d",
		"duration_seconds = 900", "duration_seconds = 43200",
		"role_session_name = a@", "external_id = " + strings.Repeat("x", 1224),
		"session_tags = Größe=zwölf Äpfel, empty=", "session_tags = " + manyTags(50),
		"policy_arns = arn:aws:iam::123456789012:policy/path/p",
		"endpoint_url = https://vpce-1.sts.eu-west-1.vpce.amazonaws.com:8443/x",
		"endpoint_url = http://[::1]:5000", "endpoint_url = http://localhost:5000",
		"external_id =", "region =",
	} {
		key, _, _ := strings.Cut(line, " =")
		config := "[profile x]\n" + line + "\nsource_profile = base\n"
		if key != "role_arn" {
			config += "role_arn = arn:aws:iam::123456789012:role/Admin\n"
		}
		newStage(t, "", config, aliceKeys).plan(t, "x")
	}
}

func TestTheDaemonsOwnEndpointFollowsTheSameRule(t *testing.T) {
	s := newStage(t, "http://sts.example.com", adminRole, aliceKeys)
	f := s.refusal(t, "admin")
	mustContain(t, f.Reason, "the daemon's settings: sts_endpoint_url", "unencrypted")
}
