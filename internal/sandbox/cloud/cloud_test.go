package cloud_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/cloud"
	"understudy/internal/sandbox/identitycenter"
)

// token is a web identity token that needs no file.
type token string

func (t token) GetIdentityToken() ([]byte, error) { return []byte(t), nil }

// Each way in is the SDK's own provider; what it gets has to be good for STS.
func TestEveryWayInEndsAtTheOneSTS(t *testing.T) {
	c := cloud.New()
	h := httptest.NewServer(c)
	defer h.Close()
	defer c.Heal()
	ask := func(keys aws.CredentialsProvider) *sts.Client {
		return sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: &h.URL, Retryer: aws.NopRetryer{}, Credentials: keys})
	}
	login := c.IdentityCenter.SignIn()
	role := func(path string) aws.CredentialsProviderFunc {
		return func(ctx context.Context) (aws.Credentials, error) {
			client := sso.New(sso.Options{Region: "eu-west-1", BaseEndpoint: aws.String(h.URL + path), Retryer: aws.NopRetryer{}})
			out, err := client.GetRoleCredentials(ctx, &sso.GetRoleCredentialsInput{
				AccessToken: aws.String(login.AccessToken.Reveal()), AccountId: aws.String("123456789012"), RoleName: aws.String("Admin"),
			})
			if err != nil {
				return aws.Credentials{}, err
			}
			k := out.RoleCredentials
			return aws.Credentials{AccessKeyID: *k.AccessKeyId, SecretAccessKey: *k.SecretAccessKey, SessionToken: *k.SessionToken}, nil
		}
	}
	user := sandbox.Example()
	const session = "arn:aws:sts::123456789012:assumed-role/"
	console := c.SignIn.SignIn()
	console.Session.Expires = time.Now().Add(-time.Second) // so that the service is asked
	name, content := console.CacheFile(user.ARN())
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, keys := range map[string]aws.CredentialsProvider{
		user.ARN(): aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: user.AccessKeyID, SecretAccessKey: user.Secret.Reveal()}, nil
		}),
		session + "AWSReservedSSO_Admin_0123456789abcdef/alice@example.com": role(cloud.PortalPath),
		session + "Admin/runner": stscreds.NewWebIdentityRoleProvider(ask(nil), "arn:aws:iam::123456789012:role/Admin",
			token(c.STS.WebToken(sandbox.WebIdentity{Subject: "app"})), func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = "runner" }),
		session + "Machine/i-0123456789abcdef0": ec2rolecreds.New(func(o *ec2rolecreds.Options) { o.Client = imds.New(imds.Options{Endpoint: h.URL}) }),
		session + "Machine/0123456789abcdef0123456789abcdef": endpointcreds.New(h.URL+cloud.ContainerPath, func(o *endpointcreds.Options) {
			o.AuthorizationToken = cloud.ContainerToken
		}),
	} {
		out, err := ask(keys).GetCallerIdentity(t.Context(), nil)
		if err != nil || *out.Arn != want {
			t.Errorf("%v, %v; want %s", out, err, want)
		}
	}
	signIn := signin.New(signin.Options{Region: "eu-west-1", BaseEndpoint: &h.URL, Retryer: aws.NopRetryer{}})
	if out, err := ask(logincreds.New(signIn, file)).GetCallerIdentity(t.Context(), nil); err != nil || *out.Arn != user.ARN() || c.SignIn.Count() != 1 {
		t.Errorf("a login_session: %v, %v, %d calls", out, err, c.SignIn.Count())
	}
	if _, err := ask(role("")).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Errorf("the portal at the root: %v", err)
	}
	for _, path := range []string{"", cloud.OIDCPath} {
		client := ssooidc.New(ssooidc.Options{Region: "eu-west-1", BaseEndpoint: aws.String(h.URL + path), Retryer: aws.NopRetryer{}})
		reg, err := client.RegisterClient(t.Context(), &ssooidc.RegisterClientInput{ClientName: aws.String("test"), ClientType: aws.String("public")})
		if err != nil {
			t.Fatal(err)
		}
		out, err := client.StartDeviceAuthorization(t.Context(), &ssooidc.StartDeviceAuthorizationInput{
			ClientId: reg.ClientId, ClientSecret: reg.ClientSecret, StartUrl: aws.String(identitycenter.StartURL),
		})
		if err != nil || *out.VerificationUri != h.URL+path+"/device" {
			t.Errorf("below %q: %+v, %v", path, out, err)
		}
	}
}
