package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
)

const admin = "arn:aws:iam::123456789012:role/team/Admin"

// serve puts s on loopback for the length of the test.
func serve(t *testing.T, s *sandbox.Server) string {
	t.Helper()
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Set(sandbox.Behaviour{}) // lets silent calls go
		h.Close()
	})
	return h.URL
}

// client is the real SDK's, making one try, signed with the given keys.
func client(url string, keys aws.Credentials) *sts.Client {
	return sts.New(sts.Options{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(url),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return keys, nil
		}),
		Retryer:    aws.NopRetryer{},
		HTTPClient: &http.Client{Transport: fromMemory{http.DefaultTransport}},
	})
}

// fromMemory sends requests whose bodies nobody closes: the SDK closes its own
// once the answer's headers are there, which can cost the connection and the
// rest of a long answer.
type fromMemory struct{ through http.RoundTripper }

func (m fromMemory) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	own := req.Clone(req.Context())
	own.Body = io.NopCloser(bytes.NewReader(body))
	return m.through.RoundTrip(own)
}

func exampleKeys() aws.Credentials {
	u := sandbox.Example()
	return aws.Credentials{AccessKeyID: u.AccessKeyID, SecretAccessKey: u.Secret.Reveal()}
}

func sessionKeys(c *types.Credentials) aws.Credentials {
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
}

func assumeInput() *sts.AssumeRoleInput {
	return &sts.AssumeRoleInput{RoleArn: aws.String(admin), RoleSessionName: aws.String("alice@laptop")}
}

func TestARoleIsAssumedByTheGoSDK(t *testing.T) {
	s := sandbox.New()
	c := client(serve(t, s), exampleKeys())
	out, err := c.AssumeRole(t.Context(), assumeInput())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *out.AssumedRoleUser.Arn, "arn:aws:sts::123456789012:assumed-role/Admin/alice@laptop"; got != want {
		t.Errorf("arn %s, want %s", got, want)
	}
	if left := time.Until(*out.Credentials.Expiration); left < 59*time.Minute || left > 61*time.Minute {
		t.Errorf("a session of %v, want an hour", left)
	}
	if s.Count("AssumeRole") != 1 || s.Calls()[0].Status != 200 {
		t.Errorf("calls: %+v", s.Calls())
	}
}

// wantError asks for the code and, when message is not empty, the message.
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

func otherUser() sandbox.User {
	return sandbox.User{
		Name: "bob", AccountID: "222222222222", AccessKeyID: "AKIAI44QH8DHBEXAMPLE",
		Secret: credential.NewSecret("je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"),
	}
}
