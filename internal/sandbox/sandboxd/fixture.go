package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"understudy/internal/sandbox"
)

const account = "arn:aws:iam::123456789012:role/"

// roles are what the example user finds. Closed exists and trusts somebody
// else.
func roles() []sandbox.Role {
	alice := sandbox.Example().ARN()
	return []sandbox.Role{
		{ARN: account + "Admin", Trusts: []string{alice}, MaxDuration: 12 * time.Hour},
		{ARN: account + "Reader", Trusts: []string{account + "Admin"}},
		{ARN: account + "Partner", Trusts: []string{alice}, ExternalID: "example-external-id"},
		{ARN: account + "Guarded", Trusts: []string{alice}, RequireMFA: true},
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

// writeConfig leaves config and credentials in dir, both for their owner
// alone. helper is the program of the credential_process lines, which are left
// out when it is empty.
func writeConfig(dir, url, helper string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	user := sandbox.Example()
	keys := fmt.Sprintf("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n", user.AccessKeyID, user.Secret.Reveal())
	if err := os.WriteFile(filepath.Join(dir, "credentials"), []byte(keys), 0o600); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "[profile base]\nregion = eu-west-1\nendpoint_url = %s\n", url)
	for _, p := range profiles() {
		fmt.Fprintf(&b, "\n[profile %s]\nregion = eu-west-1\nendpoint_url = %s\n", p.name, url)
		if helper != "" {
			fmt.Fprintf(&b, "credential_process = %s %s\n", helper, p.name)
		}
		fmt.Fprintf(&b, "understudy_role_arn = %s\nunderstudy_source_profile = %s\n%s", account+p.role, p.source, p.extra)
	}
	return os.WriteFile(filepath.Join(dir, "config"), []byte(b.String()), 0o600)
}
