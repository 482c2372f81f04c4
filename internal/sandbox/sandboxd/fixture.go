package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/cloud"
	"understudy/internal/sandbox/identitycenter"
)

const (
	account    = "arn:aws:iam::123456789012:role/"
	webSubject = "example-workload"
)

// roles are what the example user finds. Closed exists and trusts somebody
// else.
func roles() []sandbox.Role {
	alice := sandbox.Example().ARN()
	return []sandbox.Role{
		{ARN: account + "Admin", Trusts: []string{alice}, MaxDuration: 12 * time.Hour},
		{ARN: account + "Reader", Trusts: []string{account + "Admin"}},
		{ARN: account + "Partner", Trusts: []string{alice}, ExternalID: "example-external-id"},
		{ARN: account + "Guarded", Trusts: []string{alice}, RequireMFA: true},
		{ARN: account + "Federated", Trusts: []string{sandbox.OIDCProvider("123456789012"), sandbox.SAMLProvider("123456789012")}, MaxDuration: 12 * time.Hour},
		{ARN: account + "Hosted", Trusts: []string{cloud.MachineRole}},
		{ARN: account + "Closed", Trusts: []string{"arn:aws:iam::111111111111:user/bob"}},
	}
}

// profile is one section of the configuration that -write leaves.
type profile struct{ name, role, source, extra string }

func profiles() []profile {
	return []profile{
		{"demo", "Admin", "base", ""},
		{"reader", "Reader", "demo", ""},
		{"partner", "Partner", "base", "understudy_external_id = example-external-id\n"},
		{"guarded", "Guarded", "base", "understudy_mfa_serial = " + sandbox.Example().MFASerial + "\n"},
		{"closed", "Closed", "base", ""},
	}
}

// fixture is the configuration that -write leaves.
type fixture struct {
	dir    string // "" means none
	helper string // program of the credential_process lines, which are left out when it is empty
	every  bool   // ways in, not a user's keys alone
}

// write leaves config and credentials in the folder, both for their owner
// alone.
func (f fixture) write(url string, sts *sandbox.Server) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	user := sandbox.Example()
	keys := fmt.Sprintf("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n", user.AccessKeyID, user.Secret.Reveal())
	if err := os.WriteFile(filepath.Join(f.dir, "credentials"), []byte(keys), 0o600); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "[profile base]\nregion = eu-west-1\nendpoint_url = %s\n", url)
	for _, p := range profiles() {
		f.head(&b, p.name, url)
		fmt.Fprintf(&b, "understudy_role_arn = %s\nunderstudy_source_profile = %s\n%s", account+p.role, p.source, p.extra)
	}
	if f.every {
		token := filepath.Join(f.dir, "token")
		if err := os.WriteFile(token, []byte(sts.WebToken(sandbox.WebIdentity{Subject: webSubject, Lifetime: 12 * time.Hour})), 0o600); err != nil {
			return err
		}
		f.ways(&b, url, token)
	}
	return os.WriteFile(filepath.Join(f.dir, "config"), []byte(b.String()), 0o600)
}

// head begins a profile.
func (f fixture) head(b *strings.Builder, name, url string) {
	fmt.Fprintf(b, "\n[profile %s]\nregion = eu-west-1\nendpoint_url = %s\n", name, url)
	if f.helper != "" {
		fmt.Fprintf(b, "credential_process = %s %s\n", f.helper, name)
	}
}

// ways writes a profile for each way in without keys.
func (f fixture) ways(b *strings.Builder, url, token string) {
	fmt.Fprintf(b, "\n[sso-session sandbox]\nsso_start_url = %s\nsso_region = %s\nsso_registration_scopes = sso:account:access\n",
		identitycenter.StartURL, identitycenter.Region)
	f.head(b, "sso", url)
	b.WriteString("understudy_sso_session = sandbox\nunderstudy_sso_account_id = 123456789012\nunderstudy_sso_role_name = Admin\n")
	f.head(b, "login", url)
	fmt.Fprintf(b, "understudy_login_session = %s\n", sandbox.Example().ARN())
	f.head(b, "web", url)
	fmt.Fprintf(b, "understudy_role_arn = %sFederated\nunderstudy_web_identity_token_file = %s\n", account, token)
	f.head(b, "saml", url)
	fmt.Fprintf(b, "understudy_role_arn = %sFederated\nunderstudy_saml_process = curl -fsS %s/_sandbox/assertion\n", account, url)
	f.head(b, "instance", url)
	fmt.Fprintf(b, "ec2_metadata_service_endpoint = %s\nunderstudy_role_arn = %sHosted\nunderstudy_credential_source = Ec2InstanceMetadata\n", url, account)
	f.head(b, "container", url)
	fmt.Fprintf(b, "understudy_role_arn = %sHosted\nunderstudy_credential_source = EcsContainer\n", account)
}
