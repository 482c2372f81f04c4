package metadata_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/metadata"
	"understudy/internal/sandbox/steer"
)

const role = "arn:aws:iam::123456789012:role/team/Runner"

func serve(t *testing.T, h http.Handler, open func()) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		open() // lets silent calls go
		s.Close()
	})
	return s.URL
}

// instance is one with the SDK's client of it.
func instance(t *testing.T) (*metadata.Instance, *imds.Client, *sandbox.Server) {
	t.Helper()
	fake := sandbox.New()
	i := metadata.NewInstance(fake, role)
	url := serve(t, i, func() { i.Set(metadata.InstanceBehaviour{}) })
	return i, imds.New(imds.Options{Endpoint: url, Retryer: aws.NopRetryer{}}), fake
}

// who asks STS whom the keys speak for.
func who(t *testing.T, fake *sandbox.Server, keys aws.Credentials) string {
	t.Helper()
	url := serve(t, fake, func() {})
	c := sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: &url, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })})
	out, err := c.GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return *out.Arn
}

func TestTheGoSDKFindsTheRoleAndRegionOfAnInstance(t *testing.T) {
	i, client, fake := instance(t)
	provider := ec2rolecreds.New(func(o *ec2rolecreds.Options) { o.Client = client })
	keys, err := provider.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := who(t, fake, keys), "arn:aws:sts::123456789012:assumed-role/Runner/i-0123456789abcdef0"; got != want {
		t.Errorf("it speaks for %s, want %s", got, want)
	}
	if left := time.Until(keys.Expires).Round(time.Minute); left != time.Hour {
		t.Errorf("a session of %v, which the SDK cuts to an hour", left)
	}
	region, err := client.GetRegion(t.Context(), nil)
	if err != nil || region.Region != "eu-west-1" {
		t.Errorf("region %+v, %v", region, err)
	}
	again, err := provider.Retrieve(t.Context())
	if err != nil || again.AccessKeyID != keys.AccessKeyID {
		t.Errorf("not the same session: %v", err)
	}
	i.Set(metadata.InstanceBehaviour{Lifetime: time.Hour, RoleARN: "arn:aws:iam::123456789012:role/Other"})
	if keys, err = provider.Retrieve(t.Context()); err != nil || keys.AccessKeyID == again.AccessKeyID || !strings.Contains(who(t, fake, keys), "/Other/") {
		t.Errorf("another role: %v", err)
	}
	if i.Count("GetToken") != 1 {
		t.Errorf("%d tokens for one client", i.Count("GetToken"))
	}
}

func TestAnInstanceAnswersNobodyWithoutAToken(t *testing.T) {
	i, _, _ := instance(t)
	ask := func(method, path string, headers ...string) *http.Response {
		r := httptest.NewRequest(method, path, nil)
		for n := 0; n < len(headers); n += 2 {
			r.Header.Set(headers[n], headers[n+1])
		}
		w := httptest.NewRecorder()
		i.ServeHTTP(w, r)
		return w.Result()
	}
	const list, ttl, token = "/latest/meta-data/iam/security-credentials/", "X-aws-ec2-metadata-token-ttl-seconds", "X-aws-ec2-metadata-token"
	for _, tt := range []struct {
		status int
		resp   *http.Response
	}{
		{401, ask("GET", list)},
		{401, ask("GET", list, token, "none")},
		{400, ask("PUT", "/latest/api/token")},
		{400, ask("PUT", "/latest/api/token", ttl, "21601")},
		{403, ask("PUT", "/latest/api/token", ttl, "60", "X-Forwarded-For", "192.0.2.1")},
		{200, ask("PUT", "/latest/api/token", ttl, "60")},
	} {
		if tt.resp.StatusCode != tt.status {
			t.Errorf("status %d, want %d", tt.resp.StatusCode, tt.status)
		}
	}
	good := new(strings.Builder)
	resp := ask("PUT", "/latest/api/token", ttl, "60")
	resp.Write(good)
	value := good.String()[strings.LastIndexByte(good.String(), '\n')+1:]
	if got := ask("GET", list, token, value); got.StatusCode != 200 {
		t.Errorf("status %d with a token", got.StatusCode)
	}
	if got := ask("GET", "/latest/nothing", token, value); got.StatusCode != 404 {
		t.Errorf("status %d for nothing", got.StatusCode)
	}
	for _, c := range i.Calls() {
		if c.Status == 0 || strings.Contains(c.Proof, value) || strings.Contains(c.Params["path"], value) {
			t.Errorf("recorded as %+v", c)
		}
	}
	i.Set(metadata.InstanceBehaviour{Version1: true})
	if got := ask("GET", list); got.StatusCode != 200 {
		t.Errorf("status %d of a service that asks for no token", got.StatusCode)
	}
}

func TestAnInstanceWithoutARoleOrInTroubleSaysSo(t *testing.T) {
	i, client, _ := instance(t)
	provider := ec2rolecreds.New(func(o *ec2rolecreds.Options) { o.Client = client })
	for name, b := range map[string]metadata.InstanceBehaviour{
		"404":                          {NoRole: true},
		"AssumeRoleUnauthorizedAccess": {Problem: "AssumeRoleUnauthorizedAccess"},
		"503":                          {Fault: steer.Fault{Status: 503, Only: "GetCredentials"}},
	} {
		i.Set(b)
		if _, err := provider.Retrieve(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	i.Set(metadata.InstanceBehaviour{Fault: steer.Fault{Silent: true}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := provider.Retrieve(ctx); err == nil {
		t.Error("a silent service was believed")
	}
}

func TestAContainerFindsItsCredentialsWithItsToken(t *testing.T) {
	fake := sandbox.New()
	c := metadata.NewContainer(fake, role, credential.NewSecret("Bearer example-token"))
	url := serve(t, c, func() { c.Set(metadata.ContainerBehaviour{}) })
	ask := func(token string) (aws.Credentials, error) {
		return endpointcreds.New(url+"/ecs", func(o *endpointcreds.Options) { o.AuthorizationToken, o.Retryer = token, aws.NopRetryer{} }).Retrieve(t.Context())
	}
	keys, err := ask("Bearer example-token")
	if err != nil {
		t.Fatal(err)
	}
	if got := who(t, fake, keys); !strings.HasPrefix(got, "arn:aws:sts::123456789012:assumed-role/Runner/") {
		t.Errorf("it speaks for %s", got)
	}
	for _, wrong := range []string{"", "Bearer other"} {
		if _, err := ask(wrong); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("token %q: %v", wrong, err)
		}
	}
	c.Set(metadata.ContainerBehaviour{Lifetime: 30 * time.Minute, Token: credential.NewSecret("Bearer next"), Fault: steer.Fault{Status: 500, Next: 1}})
	if _, err := ask("Bearer next"); err == nil {
		t.Error("a 500 was believed")
	}
	if keys, err = ask("Bearer next"); err != nil || time.Until(keys.Expires).Round(time.Minute) != 30*time.Minute {
		t.Errorf("%v", err)
	}
	if last := c.Calls()[c.Count()-1]; last.Status != 200 || last.Repeats != 1 || strings.Contains(last.Proof, "next") {
		t.Errorf("recorded as %+v", last)
	}
}
