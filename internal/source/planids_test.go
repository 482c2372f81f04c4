//go:build unix

package source

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/prompt"
)

// The session of a plan is stored in the keychain under the plan's ID. These IDs
// must not change: with other IDs a new version would not find the sessions that
// an old one stored.
const planIDsFile = "testdata/plan-ids.txt"

var recordPlanIDs = flag.Bool("record-plan-ids", false, "rewrite "+planIDsFile+"; lines may be added, none may change")

const planIDsCredentials = aliceKeys + `
[temporary]
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
aws_session_token = token
`

// planIDsConfig has one profile for each way to a session. Profiles that differ
// in one parameter are next to each other.
const planIDsConfig = `
[profile role]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base

[profile role-own-keys]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = role-own-keys
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key = secret

[profile role-temporary-keys]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = temporary
duration_seconds = 7200

[profile role-everything]
role_arn = arn:aws:iam::123456789012:role/team/Admin
source_profile = base
role_session_name = bob
external_id = demanded
source_identity = alice
duration_seconds = 7200
session_tags = b=2,a=1
transitive_session_tags = b,a
policy = {"Version":"2012-10-17","Statement":[]}
policy_arns = arn:aws:iam::aws:policy/B,arn:aws:iam::aws:policy/A
region = eu-west-1

[profile role-china]
role_arn = arn:aws-cn:iam::123456789012:role/Admin
source_profile = base

[profile role-fips]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
region = us-east-2
use_fips_endpoint = true

[profile role-dualstack]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
use_dualstack_endpoint = true

[profile role-legacy]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
region = eu-west-1
sts_regional_endpoints = legacy

[profile role-endpoint]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
endpoint_url = http://127.0.0.1:5000/sts

[profile role-services]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
services = local

[profile chain]
role_arn = arn:aws:iam::123456789012:role/Third
source_profile = chain-second
[profile chain-second]
role_arn = arn:aws:iam::123456789012:role/Second
source_profile = role
duration_seconds = 7200

[profile mfa-keys]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key = secret
mfa_serial = arn:aws:iam::111111111111:mfa/alice
duration_seconds = 3600

[profile mfa-role]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
mfa_serial = arn:aws:iam::111111111111:mfa/alice

[profile mfa-role-direct]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
mfa_serial = arn:aws:iam::111111111111:mfa/alice
understudy_mfa_session = direct

[profile mfa-role-process]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
mfa_serial = arn:aws:iam::111111111111:mfa/alice
understudy_mfa_process = print-code
understudy_mfa_session_seconds = 7200

[profile mfa-role-totp]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
mfa_serial = arn:aws:iam::111111111111:mfa/totp
understudy_totp = keychain

[profile mfa-role-temporary]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = temporary
mfa_serial = arn:aws:iam::111111111111:mfa/alice

[profile web-identity-file]
role_arn = arn:aws:iam::123456789012:role/Pod
web_identity_token_file = /nonexistent/token
role_session_name = app
policy_arns = arn:aws:iam::aws:policy/B,arn:aws:iam::aws:policy/A

[profile web-identity-process]
role_arn = arn:aws:iam::123456789012:role/Pod
understudy_web_identity_token_process = print-token

[profile web-identity-chain]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = web-identity-file

[profile saml]
role_arn = arn:aws:iam::123456789012:role/Saml
understudy_saml_process = print-assertion
duration_seconds = 7200

[profile saml-provider]
role_arn = arn:aws:iam::123456789012:role/Saml
understudy_saml_process = print-assertion
understudy_saml_provider_arn = arn:aws:iam::123456789012:saml-provider/Corp

[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin

[profile sso-legacy]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Admin

[profile sso-chain]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = sso

[profile kept]
understudy_keys = keychain
[profile kept-raw]
understudy_keys = keychain
understudy_raw = yes
[profile kept-mfa]
understudy_keys = keychain
mfa_serial = arn:aws:iam::111111111111:mfa/alice
[profile kept-role]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = kept
[profile kept-role-mfa]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = kept-mfa
[profile kept-role-direct]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = kept-mfa
understudy_mfa_session = direct

[profile environment]
role_arn = arn:aws:iam::123456789012:role/Admin
credential_source = Environment
[profile instance]
role_arn = arn:aws:iam::123456789012:role/Admin
credential_source = Ec2InstanceMetadata
[profile instance-endpoint]
role_arn = arn:aws:iam::123456789012:role/Admin
credential_source = Ec2InstanceMetadata
ec2_metadata_service_endpoint_mode = IPv6
[profile container]
role_arn = arn:aws:iam::123456789012:role/Admin
credential_source = EcsContainer

[profile login]
login_session = arn:aws:iam::111111111111:user/alice
region = eu-west-1
[profile login-services]
login_session = arn:aws:iam::111111111111:user/alice
services = local
[profile login-chain]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = login

[profile process]
credential_process = print-session
[profile process-duration]
credential_process = print-session
duration_seconds = 3600
[profile process-chain]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = process

[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access,codewhisperer:completions

[services local]
sts =
  endpoint_url = http://127.0.0.1:5001
signin =
  endpoint_url = http://127.0.0.1:5002
`

// planIDsNames are the profiles of planIDsConfig in their order, and base.
func planIDsNames() []string {
	names := []string{"base"}
	for line := range strings.Lines(planIDsConfig) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "[profile "); ok {
			names = append(names, strings.TrimSuffix(name, "]"))
		}
	}
	return names
}

// describePlan writes down what is stored of a plan and of those below it, and
// what the daemon decides by.
func describePlan(p *credential.Plan) string {
	var s strings.Builder
	for indent := ""; p != nil; p, indent = p.Base, indent+"  " {
		fmt.Fprintf(&s, "%s%s profile=%q source=%q", indent, p.ID, p.Profile, p.Source)
		fmt.Fprintf(&s, " issuer=%q role=%q account=%q asks=%q", p.Issuer, p.RoleARN, p.AccountID, p.Asks)
		fmt.Fprintf(&s, " manual=%v runs=%v stamp=%v\n", p.Manual, p.Runs, p.Stamp)
	}
	return s.String()
}

func TestPlanIDsAreThoseOfEarlierVersions(t *testing.T) {
	t.Setenv("HOME", "/nonexistent/alice")
	s := newStage(t, "", planIDsConfig, planIDsCredentials)
	s.query.Environment = aliceEnvironment()
	s.Container = Container{RelativeURI: "/v2/credentials/1"}
	s.TOTP = func(context.Context, string) (prompt.Answer, error) { return prompt.Answer{}, prompt.ErrNobody }
	s.Kept = &Kept{Mark: func(profile string) string { return "mark of " + profile }, Key: func(context.Context, string) (awsconfig.StaticKeys, string, error) {
		return awsconfig.StaticKeys{}, "", &credential.Failure{}
	}}
	var got strings.Builder
	for _, name := range planIDsNames() {
		fmt.Fprintf(&got, "[%s]\n%s", name, describePlan(s.plan(t, name)))
	}
	if *recordPlanIDs {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, planIDsFile, got.String())
	}
	want, err := os.ReadFile(planIDsFile)
	if err != nil {
		t.Fatal(err)
	}
	for line, wanted := range linePairs(got.String(), string(want)) {
		if line != wanted {
			t.Errorf("plan   %s\nbefore %s", line, wanted)
		}
	}
}

// linePairs pairs the lines of two texts; the shorter one is continued with empty lines.
func linePairs(a, b string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
		for i := range max(len(as), len(bs)) {
			var x, y string
			if i < len(as) {
				x = as[i]
			}
			if i < len(bs) {
				y = bs[i]
			}
			if !yield(x, y) {
				return
			}
		}
	}
}
