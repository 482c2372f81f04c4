package identitycenter_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/identitycenter"
)

// stand is an Identity Center below a path, as sandboxd has it, with the SDK's
// clients of it.
type stand struct {
	*identitycenter.Server
	url    string
	sts    string
	oidc   *ssooidc.Client
	portal *sso.Client
}

func newStand(t *testing.T) *stand {
	t.Helper()
	fake := sandbox.New()
	s := &stand{Server: identitycenter.New(fake)}
	mux := http.NewServeMux()
	mux.Handle("/sso/", http.StripPrefix("/sso", s.Server))
	h := httptest.NewServer(mux)
	f := httptest.NewServer(fake)
	t.Cleanup(func() {
		s.Set(identitycenter.Behaviour{}) // lets silent calls go
		h.Close()
		f.Close()
	})
	s.url, s.sts = h.URL+"/sso", f.URL
	s.oidc = ssooidc.New(ssooidc.Options{Region: identitycenter.Region, BaseEndpoint: &s.url, Retryer: aws.NopRetryer{}})
	s.portal = sso.New(sso.Options{Region: identitycenter.Region, BaseEndpoint: &s.url, Retryer: aws.NopRetryer{}})
	return s
}

// register makes a client as the AWS CLI makes its own.
func (s *stand) register(t *testing.T) *ssooidc.RegisterClientOutput {
	t.Helper()
	out, err := s.oidc.RegisterClient(t.Context(), &ssooidc.RegisterClientInput{
		ClientName: aws.String("test"), ClientType: aws.String("public"), Scopes: []string{"sso:account:access"},
		GrantTypes:   []string{"authorization_code", identitycenter.DeviceGrant, "refresh_token"},
		RedirectUris: []string{"http://127.0.0.1/oauth/callback"}, IssuerUrl: aws.String(identitycenter.StartURL),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// who asks STS whom the role credentials speak for.
func (s *stand) who(t *testing.T, out *sso.GetRoleCredentialsOutput) string {
	t.Helper()
	c := out.RoleCredentials
	client := sts.New(sts.Options{
		Region: identitycenter.Region, BaseEndpoint: &s.sts, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}, nil
		}),
	})
	id, err := client.GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return *id.Arn
}

// roleCredentials asks for the role of the first account.
func (s *stand) roleCredentials(t *testing.T, token, account, role string) (*sso.GetRoleCredentialsOutput, error) {
	t.Helper()
	return s.portal.GetRoleCredentials(t.Context(), &sso.GetRoleCredentialsInput{AccessToken: &token, AccountId: &account, RoleName: &role})
}

func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("got %v, want an API error %s", err, code)
	}
	if api.ErrorCode() != code || (message != "" && api.ErrorMessage() != message) {
		t.Errorf("got %s: %s\nwant %s: %s", api.ErrorCode(), api.ErrorMessage(), code, message)
	}
}

// get loads a page as a browser does and returns where it ended.
func get(t *testing.T, url string) *http.Response {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}
