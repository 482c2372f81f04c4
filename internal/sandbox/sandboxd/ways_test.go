package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/cloud"
	"understudy/internal/sandbox/identitycenter"
)

func unsigned(url string) *sts.Client {
	return sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: &url, Retryer: aws.NopRetryer{}})
}

// must makes a control call that has to succeed.
func must(t *testing.T, method, url, body string) string {
	t.Helper()
	status, out := ask(t, method, url, body)
	if status/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, url, status, out)
	}
	return string(out)
}

func TestAScriptGetsTokensAndAssertionsAndHasThemTurnedAway(t *testing.T) {
	base := start(t)
	web := func(query string) error {
		_, err := unsigned(base).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: aws.String(account + "Federated"), RoleSessionName: aws.String("app"),
			WebIdentityToken: aws.String(must(t, "GET", base+"/_sandbox/web-token"+query, "")),
		})
		return err
	}
	saml := func(query string) error {
		_, err := unsigned(base).AssumeRoleWithSAML(t.Context(), &sts.AssumeRoleWithSAMLInput{
			RoleArn: aws.String(account + "Federated"), PrincipalArn: aws.String(sandbox.SAMLProvider("123456789012")),
			SAMLAssertion: aws.String(must(t, "GET", base+"/_sandbox/assertion"+query, "")),
		})
		return err
	}
	must(t, "POST", base+"/_sandbox/reject", `{"subject":"gone"}`)
	for _, tt := range []struct {
		err  error
		want string
	}{
		{web(""), ""},
		{web("?lifetime=-1m"), "ExpiredTokenException"},
		{web("?audience=somebody"), "InvalidIdentityToken"},
		{web("?subject="), "InvalidIdentityToken"},
		{web("?subject=gone"), "IDPRejectedClaim"},
		{saml(""), ""},
		{saml("?lifetime=-1m"), "ExpiredTokenException"},
		{saml("?role=" + account + "Admin"), "AccessDenied"},
		{saml("?subject=gone"), "IDPRejectedClaim"},
	} {
		if tt.want == "" && tt.err != nil || tt.want != "" && (tt.err == nil || !strings.Contains(tt.err.Error(), tt.want)) {
			t.Errorf("got %v, want %q", tt.err, tt.want)
		}
	}
	for _, path := range []string{"web-token?lifetime=5", "assertion?session=x"} {
		if status, _ := ask(t, "GET", base+"/_sandbox/"+path, ""); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func TestADeviceWithASeedShowsTheCodeThatIsRight(t *testing.T) {
	base := start(t, "-totp-seed", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "-wrong-codes", "1")
	code := strings.TrimSpace(must(t, "GET", base+"/_sandbox/mfa-code", ""))
	u := sandbox.Example()
	client := sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: &base, Retryer: aws.NopRetryer{}, Credentials: aws.NewCredentialsCache(keys{u})})
	must(t, "POST", base+"/_sandbox/behaviour", `{"lifetimes":{"GetSessionToken":"40m"}}`) // the one wrong code of the flag stays
	get := func(code string) error {
		out, err := client.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: &u.MFASerial, TokenCode: &code})
		if err == nil && time.Until(*out.Credentials.Expiration).Round(time.Minute) != 40*time.Minute {
			t.Errorf("a session until %v", *out.Credentials.Expiration)
		}
		return err
	}
	wrong := "111111"
	if code == wrong {
		wrong = "222222"
	}
	if err := get(wrong); err == nil {
		t.Error("a wrong code was taken") // the one of -wrong-codes
	}
	if err := get(code); err != nil {
		t.Error(err)
	}
	if err := get(wrong); err == nil {
		t.Error("a code that the device does not show was taken")
	}
	var log struct{ Calls []call }
	if err := json.Unmarshal([]byte(must(t, "GET", base+"/_sandbox/calls", "")), &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Calls) != 3 || log.Calls[2].Repeats != 1 || log.Calls[2].Proof != log.Calls[0].Proof {
		t.Errorf("%+v", log.Calls)
	}
	if status, _ := ask(t, "GET", start(t)+"/_sandbox/mfa-code", ""); status != http.StatusNotFound {
		t.Errorf("status %d where the device has no seed", status)
	}
	if status := run(t.Context(), []string{"-totp-seed", "0189"}, nil, io.Discard, io.Discard); status != 1 {
		t.Errorf("a seed that is none: exit status %d", status)
	}
}

func TestAScriptIsThePersonWhoSignsIn(t *testing.T) {
	base := start(t, "-page", "click")
	oidc := ssooidc.New(ssooidc.Options{Region: "eu-west-1", BaseEndpoint: aws.String(base + "/oidc"), Retryer: aws.NopRetryer{}})
	portal := sso.New(sso.Options{Region: "eu-west-1", BaseEndpoint: aws.String(base + "/sso"), Retryer: aws.NopRetryer{}})
	reg, err := oidc.RegisterClient(t.Context(), &ssooidc.RegisterClientInput{ClientName: aws.String("test"), ClientType: aws.String("public")})
	if err != nil {
		t.Fatal(err)
	}
	device, err := oidc.StartDeviceAuthorization(t.Context(), &ssooidc.StartDeviceAuthorizationInput{
		ClientId: reg.ClientId, ClientSecret: reg.ClientSecret, StartUrl: aws.String(identitycenter.StartURL),
	})
	if err != nil {
		t.Fatal(err)
	}
	poll := func() (*ssooidc.CreateTokenOutput, error) {
		return oidc.CreateToken(t.Context(), &ssooidc.CreateTokenInput{
			ClientId: reg.ClientId, ClientSecret: reg.ClientSecret, GrantType: aws.String(identitycenter.DeviceGrant), DeviceCode: device.DeviceCode,
		})
	}
	must(t, "GET", *device.VerificationUriComplete, "") // waits for its button
	if _, err := poll(); err == nil || !strings.Contains(err.Error(), "AuthorizationPendingException") {
		t.Errorf("got %v", err)
	}
	const control = "/_sandbox/identity-center/"
	must(t, "POST", base+control+"answer", `{"user_code":"`+*device.UserCode+`","allow":true}`)
	if status, _ := ask(t, "POST", base+control+"answer", `{"user_code":"none"}`); status != http.StatusNotFound {
		t.Errorf("status %d for a code that is none", status)
	}
	token, err := poll()
	if err != nil {
		t.Fatal(err)
	}
	role := func(token string) error {
		_, err := portal.GetRoleCredentials(t.Context(), &sso.GetRoleCredentialsInput{AccessToken: &token, AccountId: aws.String("333333333333"), RoleName: aws.String("Ops")})
		return err
	}
	must(t, "POST", base+control+"accounts", `[{"id":"333333333333","name":"ops","roles":["Ops"]}]`)
	if err := role(*token.AccessToken); err != nil {
		t.Error(err)
	}
	must(t, "POST", base+control+"behaviour", `{"token_life":"20s","fault":{"only":"GetRoleCredentials","status":429,"next":1}}`)
	if err := role(*token.AccessToken); err == nil || !strings.Contains(err.Error(), "TooManyRequestsException") {
		t.Errorf("got %v", err)
	}
	must(t, "POST", base+control+"end-sessions", "")
	if err := role(*token.AccessToken); err == nil || !strings.Contains(err.Error(), "UnauthorizedException") {
		t.Errorf("got %v", err)
	}
	var file struct{ AccessToken, StartURL string }
	if err := json.Unmarshal([]byte(must(t, "GET", base+control+"cache?session=s", "")), &file); err != nil || role(file.AccessToken) != nil || file.StartURL != identitycenter.StartURL {
		t.Errorf("the file of a login: %+v, %v", file, err)
	}
	var log struct{ Counts map[string]int }
	if err := json.Unmarshal([]byte(must(t, "GET", base+control+"calls", "")), &log); err != nil || log.Counts["GetRoleCredentials"] != 4 || log.Counts["Device"] != 1 {
		t.Errorf("%+v, %v", log, err)
	}
	for _, in := range []string{`{"page":"maybe"}`, `{"token_life":5}`, `{"token_size":-1}`, `{"fault":{"sttaus":1}}`} {
		if status, body := ask(t, "POST", base+control+"behaviour", in); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", in, status, body)
		}
	}
}

// keys are a user's, as a provider.
type keys struct{ u sandbox.User }

func (k keys) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: k.u.AccessKeyID, SecretAccessKey: k.u.Secret.Reveal()}, nil
}

func TestAScriptSpoilsTheMachine(t *testing.T) {
	base := start(t)
	imds := func(method, path string, headers map[string]string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range headers {
			r.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		out, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(out)
	}
	_, token := imds("PUT", "/latest/api/token", map[string]string{"X-aws-ec2-metadata-token-ttl-seconds": "60"})
	with := map[string]string{"X-aws-ec2-metadata-token": token}
	const roles = "/latest/meta-data/iam/security-credentials/"
	if status, text := imds("GET", roles, with); status != 200 || text != "Machine" {
		t.Errorf("%d %q", status, text)
	}
	must(t, "POST", base+"/_sandbox/instance/behaviour", `{"no_role":true}`)
	if status, _ := imds("GET", roles, with); status != 404 {
		t.Errorf("status %d without a role", status)
	}
	must(t, "POST", base+"/_sandbox/container/behaviour", `{"token":"next"}`)
	for token, want := range map[string]int{cloud.ContainerToken: 401, "next": 200} {
		if status, _ := imds("GET", cloud.ContainerPath, map[string]string{"Authorization": token}); status != want {
			t.Errorf("status %d, want %d", status, want)
		}
	}
	for _, name := range []string{"instance", "container"} {
		if text := must(t, "GET", base+"/_sandbox/"+name+"/calls", ""); !strings.Contains(text, `"action":"Get`) || strings.Contains(text, url.QueryEscape(token)) || strings.Contains(text, token) {
			t.Errorf("%s: %s", name, text)
		}
		if status, _ := ask(t, "POST", base+"/_sandbox/"+name+"/behaviour", `{"nothing":1}`); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, status)
		}
	}
}

func TestAScriptHasWhatAwsLoginLeavesAndEndsIt(t *testing.T) {
	base := start(t)
	file := filepath.Join(t.TempDir(), "login.json")
	content := must(t, "GET", base+"/_sandbox/sign-in/cache", "")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var left struct {
		RefreshToken string
		AccessToken  struct{ ExpiresAt time.Time }
	}
	if err := json.Unmarshal([]byte(content), &left); err != nil || left.RefreshToken == "" || time.Until(left.AccessToken.ExpiresAt).Round(time.Minute) != 15*time.Minute {
		t.Errorf("the file ends at %v, %v", left.AccessToken.ExpiresAt, err)
	}
	expired := strings.Replace(content, left.AccessToken.ExpiresAt.Format(time.RFC3339), "2026-01-01T00:00:00Z", 1)
	if err := os.WriteFile(file, []byte(expired), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "POST", base+"/_sandbox/sign-in/behaviour", `{"changed":true}`)
	provider := logincreds.New(signin.New(signin.Options{Region: "eu-west-1", BaseEndpoint: &base, Retryer: aws.NopRetryer{}}), file)
	if _, err := provider.Retrieve(t.Context()); err == nil || !strings.Contains(err.Error(), "password has changed") {
		t.Errorf("got %v", err)
	}
	must(t, "POST", base+"/_sandbox/sign-in/behaviour", `{}`)
	if _, err := provider.Retrieve(t.Context()); err != nil {
		t.Error(err)
	}
	if text := must(t, "GET", base+"/_sandbox/sign-in/calls", ""); strings.Count(text, `"action":"CreateOAuth2Token"`) != 2 || strings.Contains(text, left.RefreshToken) {
		t.Error(text)
	}
}

func TestTheConfigurationHasAProfileForEveryWayInWhenAsked(t *testing.T) {
	dir := t.TempDir()
	base := start(t, "-write", dir, "-every-way")
	config, err := os.ReadFile(filepath.Join(dir, "config"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := os.ReadFile(filepath.Join(dir, "token"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"[sso-session sandbox]\nsso_start_url = " + identitycenter.StartURL, "understudy_sso_session = sandbox\n",
		"understudy_web_identity_token_file = " + filepath.Join(dir, "token") + "\n", "understudy_saml_process = ",
		"understudy_credential_source = Ec2InstanceMetadata\n", "understudy_credential_source = EcsContainer\n",
	} {
		if !strings.Contains(string(config), want) {
			t.Errorf("no %q in:\n%s", want, config)
		}
	}
	if _, err := unsigned(base).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(account + "Federated"), RoleSessionName: aws.String("app"), WebIdentityToken: aws.String(string(token)),
	}); err != nil {
		t.Error(err)
	}
	plain := t.TempDir()
	start(t, "-write", plain)
	if config, err := os.ReadFile(filepath.Join(plain, "config")); err != nil || strings.Contains(string(config), "sso") {
		t.Errorf("unasked: %v\n%s", err, config)
	}
}
