//go:build linux

package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"understudy/internal/sandbox"
)

// mixed are profiles that say several things at once, each with whom botocore
// makes of it. None of them is ours; a profile of the same name with via- before
// it asks us for it.
const mixed = `
[profile base]
region = us-east-1

[profile pod]
role_arn = arn:aws:iam::123456789012:role/Pod
web_identity_token_file = HOME/token
source_profile = base
credential_process = /bin/false

[profile role]
role_arn = arn:aws:iam::123456789012:role/Role
source_profile = base
credential_process = /bin/false

[profile keys]
credential_process = /bin/false

[profile own]
role_arn = arn:aws:iam::123456789012:role/Own
source_profile = own

[profile program]
mfa_serial = arn:aws:iam::111111111111:mfa/nobody
external_id = nobody
credential_process = cat HOME/session.json

[profile onpod]
role_arn = arn:aws:iam::123456789012:role/OnPod
source_profile = pod

[profile onprogram]
role_arn = arn:aws:iam::123456789012:role/OnProgram
source_profile = program

[profile onkeys]
role_arn = arn:aws:iam::123456789012:role/OnKeys
source_profile = keys
`

func TestAProfileIsTheSamePersonInBotocoreAndHere(t *testing.T) {
	t.Parallel()
	s := newSky(newWorld(t))
	alice := sandbox.Example()
	keys := fmt.Sprintf("aws_access_key_id = %s\naws_secret_access_key = %s\n", alice.AccessKeyID, alice.Secret.Reveal())
	s.Write(".aws/credentials", "[base]\n"+keys+"[keys]\n"+keys+"[own]\n"+keys)
	s.Write("token", s.STS.WebToken(sandbox.WebIdentity{Subject: "app"}))
	c := s.assume("arn:aws:iam::123456789012:role/Program").Credentials
	s.Write("session.json", fmt.Sprintf(`{"Version":1,"AccessKeyId":%q,"SecretAccessKey":%q,"SessionToken":%q,"Expiration":%q}`,
		*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken, c.Expiration.UTC().Format("2006-01-02T15:04:05Z")))

	config := strings.ReplaceAll(mixed, "HOME", s.Home)
	config = strings.ReplaceAll(config, "]\n", "]\nendpoint_url = "+s.URL+"\n")
	const assumed = "arn:aws:sts::123456789012:assumed-role/"
	want := map[string]string{
		"pod": assumed + "Pod", "role": assumed + "Role", "keys": alice.ARN(), "own": assumed + "Own", "program": assumed + "Program",
		"onpod": assumed + "OnPod", "onprogram": assumed + "OnProgram", "onkeys": assumed + "OnKeys",
	}
	for name := range want {
		config += fmt.Sprintf("[profile via-%[1]s]\nregion = us-east-1\nendpoint_url = %[2]s\ncredential_process = %[3]s %[1]s\n",
			name, s.URL, filepath.Join(bin, "understudy-credentials"))
	}
	s.Write(".aws/config", config)
	for name, arn := range want {
		if got := s.who(name, "AWS_DEFAULT_REGION=us-east-1"); !strings.HasPrefix(got, arn) {
			t.Errorf("botocore makes %s of %s, and the table says %s", got, name, arn)
		}
		s.is("via-"+name, arn)
	}
}
