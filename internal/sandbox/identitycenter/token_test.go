package identitycenter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"understudy/internal/sandbox/identitycenter"
)

func (s *stand) refreshed(t *testing.T, l identitycenter.Login, token string) (*ssooidc.CreateTokenOutput, error) {
	t.Helper()
	return s.oidc.CreateToken(t.Context(), &ssooidc.CreateTokenInput{
		ClientId: &l.ClientID, ClientSecret: aws.String(l.ClientSecret.Reveal()),
		GrantType: aws.String("refresh_token"), RefreshToken: &token,
	})
}

func TestARefreshTokenWorksOnceAndUntilTheSignInEnds(t *testing.T) {
	s := newStand(t)
	login := s.SignIn()
	first, err := s.refreshed(t, login, login.RefreshToken.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if *first.RefreshToken == login.RefreshToken.Reveal() || *first.AccessToken == login.AccessToken.Reveal() {
		t.Error("the tokens are the old ones")
	}
	if _, err := s.roleCredentials(t, *first.AccessToken, "123456789012", "Admin"); err != nil {
		t.Error(err)
	}
	_, err = s.refreshed(t, login, login.RefreshToken.Reveal())
	wantGrant(t, err, "Invalid refresh token provided")
	if last := s.Calls()[len(s.Calls())-1]; last.Repeats != 1 || last.Code != "InvalidGrantException" {
		t.Errorf("a token sent twice is recorded as %+v", last)
	}
	s.Set(identitycenter.Behaviour{Skew: 8 * time.Hour})
	_, err = s.refreshed(t, login, *first.RefreshToken)
	wantGrant(t, err, "Invalid refresh token provided")

	s.Set(identitycenter.Behaviour{Skew: 90 * 24 * time.Hour})
	_, err = s.refreshed(t, login, *first.RefreshToken)
	wantError(t, err, "InvalidClientException", "")
	s.Set(identitycenter.Behaviour{NoRefresh: true})
	if s.SignIn().RefreshToken.Reveal() != "" {
		t.Error("a refresh token where there is to be none")
	}
}

func TestWhatAClientGetsWrongIsNamed(t *testing.T) {
	s := newStand(t)
	client := s.register(t)
	ask := func(change func(*ssooidc.CreateTokenInput)) error {
		in := &ssooidc.CreateTokenInput{ClientId: client.ClientId, ClientSecret: client.ClientSecret, GrantType: aws.String("refresh_token"), RefreshToken: aws.String("none")}
		change(in)
		_, err := s.oidc.CreateToken(t.Context(), in)
		return err
	}
	wantError(t, ask(func(in *ssooidc.CreateTokenInput) { in.ClientSecret = aws.String("x") }), "InvalidClientException", "")
	wantError(t, ask(func(in *ssooidc.CreateTokenInput) { in.GrantType = aws.String("password") }), "UnsupportedGrantTypeException", "")
	wantError(t, ask(func(*ssooidc.CreateTokenInput) {}), "InvalidGrantException", "")
	_, err := s.oidc.StartDeviceAuthorization(t.Context(), &ssooidc.StartDeviceAuthorizationInput{
		ClientId: client.ClientId, ClientSecret: client.ClientSecret, StartUrl: aws.String("https://elsewhere.awsapps.com/start"),
	})
	wantError(t, err, "InvalidRequestException", "")
	for code, in := range map[string]*ssooidc.RegisterClientInput{
		"InvalidClientMetadataException": {ClientName: aws.String("a"), ClientType: aws.String("secret")},
		"InvalidScopeException":          {ClientName: aws.String("a"), ClientType: aws.String("public"), Scopes: []string{"all"}},
		"UnsupportedGrantTypeException":  {ClientName: aws.String("a"), ClientType: aws.String("public"), GrantTypes: []string{"password"}},
		"InvalidRedirectUriException": {
			ClientName: aws.String("a"), ClientType: aws.String("public"), GrantTypes: []string{"authorization_code"},
			RedirectUris: []string{"http://example.com/callback"}, IssuerUrl: aws.String(identitycenter.StartURL),
		},
	} {
		_, err := s.oidc.RegisterClient(t.Context(), in)
		wantError(t, err, code, "")
	}
	old, err := s.oidc.RegisterClient(t.Context(), &ssooidc.RegisterClientInput{ClientName: aws.String("a"), ClientType: aws.String("public")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.oidc.CreateToken(t.Context(), &ssooidc.CreateTokenInput{ClientId: old.ClientId, ClientSecret: old.ClientSecret, GrantType: aws.String("authorization_code"), Code: aws.String("x")})
	wantError(t, err, "UnauthorizedClientException", "")
}

// The SDK's own provider reads the file that the AWS CLI would have left, and
// refreshes its token.
func TestTheGoSDKGoesOnFromAFileOfTheAWSCommandLine(t *testing.T) {
	s := newStand(t)
	login := s.SignIn()
	login.Expires = time.Now().Add(-time.Second)
	name, content := login.CacheFile("my-session")
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	provider := ssocreds.New(s.portal, "123456789012", "Admin", identitycenter.StartURL, func(o *ssocreds.Options) {
		o.SSOTokenProvider = ssocreds.NewSSOTokenProvider(s.oidc, file)
		o.CachedTokenFilepath = file
	})
	keys, err := provider.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(keys.AccessKeyID, "ASIA") || s.Grants("refresh_token") != 1 || s.Count("GetRoleCredentials") != 1 {
		t.Errorf("%d refreshes, %d role credentials", s.Grants("refresh_token"), s.Count("GetRoleCredentials"))
	}
}

func TestAMarkIsInEverySecretAndNoSecretInTheRecord(t *testing.T) {
	s := newStand(t)
	s.Set(identitycenter.Behaviour{SecretMark: "CANARY", TokenSize: 1500})
	p := s.program(t)
	get(t, p.page(nil))
	code := (<-p.came).Get("code")
	token, err := p.redeem(t, code, verifier)
	if err != nil {
		t.Fatal(err)
	}
	d := s.device(t)
	for what, v := range map[string]*string{
		"client secret": p.client.ClientSecret, "authorization code": &code, "device code": d.DeviceCode,
		"access token": token.AccessToken, "refresh token": token.RefreshToken,
	} {
		if !strings.Contains(*v, "CANARY") || len(*v) != 1500 {
			t.Errorf("%s: %d characters, marked %v", what, len(*v), strings.Contains(*v, "CANARY"))
		}
	}
	if _, err := s.roleCredentials(t, *token.AccessToken, "123456789012", "Admin"); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Calls() {
		for k, v := range c.Params {
			if strings.Contains(v, "CANARY") {
				t.Errorf("%s: the record keeps a secret in %s", c.Op, k)
			}
		}
		if strings.Contains(c.Proof, "CANARY") || c.Repeats != 0 || c.Status == 0 {
			t.Errorf("%+v", c)
		}
	}
}
