package cloud_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/cloud"
	"understudy/internal/sandbox/identitycenter"
)

// The profiles are plain ones of the AWS tools, with one endpoint for all.
const boto = `
import boto3
for name in ("sso", "web", "instance"):
    print(boto3.Session(profile_name=name).client("sts").get_caller_identity()["Arn"])
`

func TestBoto3TakesEveryWayIn(t *testing.T) {
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import boto3").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("boto3 is not here: %v", err)
		}
		t.Skipf("boto3 is not here: %v", err)
	}
	c := cloud.New()
	c.STS.AddRole(sandbox.Role{ARN: "arn:aws:iam::123456789012:role/Web", Trusts: []string{sandbox.OIDCProvider("123456789012")}})
	c.STS.AddRole(sandbox.Role{ARN: "arn:aws:iam::123456789012:role/Hosted", Trusts: []string{cloud.MachineRole}})
	h := httptest.NewServer(c)
	defer h.Close()
	defer c.Heal()

	home := t.TempDir()
	write := func(path, content string) string {
		t.Helper()
		path = filepath.Join(home, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	login := c.IdentityCenter.SignIn()
	login.Expires = time.Now().Add(-time.Minute) // so that it has to be refreshed
	name, content := login.CacheFile("sandbox")
	write(filepath.Join(".aws", "sso", "cache", name), string(content))
	token := write("token", c.STS.WebToken(sandbox.WebIdentity{Subject: "app"}))
	config := write("config", fmt.Sprintf(`[sso-session sandbox]
sso_start_url = %[2]s
sso_region = %[3]s
sso_registration_scopes = sso:account:access
[profile sso]
endpoint_url = %[1]s
sso_session = sandbox
sso_account_id = 123456789012
sso_role_name = Admin
[profile web]
endpoint_url = %[1]s
role_arn = arn:aws:iam::123456789012:role/Web
role_session_name = app
web_identity_token_file = %[4]s
[profile instance]
endpoint_url = %[1]s
ec2_metadata_service_endpoint = %[1]s
role_arn = arn:aws:iam::123456789012:role/Hosted
role_session_name = app
credential_source = Ec2InstanceMetadata
`, h.URL, identitycenter.StartURL, identitycenter.Region, token))
	cmd := exec.CommandContext(t.Context(), "python3", "-c", boto)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "AWS_CONFIG_FILE=" + config, "AWS_DEFAULT_REGION=eu-west-1",
		"PYENV_ROOT=" + os.Getenv("PYENV_ROOT"), "PYENV_VERSION=" + os.Getenv("PYENV_VERSION"),
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const session = "arn:aws:sts::123456789012:assumed-role/"
	want := session + "AWSReservedSSO_Admin_0123456789abcdef/alice@example.com\n" + session + "Web/app\n" + session + "Hosted/app\n"
	if string(out) != want {
		t.Errorf("got:\n%swant:\n%s", out, want)
	}
	if n := c.IdentityCenter.Grants("refresh_token"); n != 1 || c.Instance.Count("GetCredentials") != 1 || strings.Contains(string(out), login.AccessToken.Reveal()) {
		t.Errorf("%d refreshes, %d reads of the instance", n, c.Instance.Count("GetCredentials"))
	}
}
