package sandbox_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"understudy/internal/sandbox"
)

const reader = "arn:aws:iam::123456789012:role/Reader"

// assume gets a session or ends the test.
func assume(t *testing.T, c *sts.Client, in *sts.AssumeRoleInput) aws.Credentials {
	t.Helper()
	out, err := c.AssumeRole(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return sessionKeys(out.Credentials)
}

func TestASessionAssumesTheNextRoleForAnHourAtMost(t *testing.T) {
	s := sandbox.New()
	s.AddRole(sandbox.Role{ARN: admin, MaxDuration: 12 * time.Hour})
	s.AddRole(sandbox.Role{ARN: reader, Trusts: []string{admin}, MaxDuration: 12 * time.Hour})
	url := serve(t, s)
	first := assume(t, client(url, exampleKeys()), assumeInput())

	next := assumeInput()
	next.RoleArn = aws.String(reader)
	second := assume(t, client(url, first), next)
	who, err := client(url, second).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *who.Arn, "arn:aws:sts::123456789012:assumed-role/Reader/alice@laptop"; got != want {
		t.Errorf("arn %s, want %s", got, want)
	}
	next.DurationSeconds = aws.Int32(3601)
	_, err = client(url, first).AssumeRole(t.Context(), next)
	wantError(t, err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	next.DurationSeconds = nil
	_, err = client(url, exampleKeys()).AssumeRole(t.Context(), next)
	wantError(t, err, "AccessDenied", "")
}

func TestASessionThatHasEndedOrBeenRevokedSignsNothing(t *testing.T) {
	s := sandbox.New()
	url := serve(t, s)
	session := assume(t, client(url, exampleKeys()), assumeInput())
	other := assume(t, client(url, exampleKeys()), assumeInput())

	s.Set(sandbox.Behaviour{Skew: 61 * time.Minute, Window: 2 * time.Hour})
	_, err := client(url, session).AssumeRole(t.Context(), assumeInput())
	wantError(t, err, "ExpiredToken", "The security token included in the request is expired")
	s.Set(sandbox.Behaviour{})
	if _, err := client(url, session).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Error(err)
	}
	const invalid = "The security token included in the request is invalid."
	swapped := session
	swapped.SessionToken = other.SessionToken
	_, err = client(url, swapped).GetCallerIdentity(t.Context(), nil)
	wantError(t, err, "InvalidClientTokenId", invalid)
	swapped.SessionToken = ""
	_, err = client(url, swapped).GetCallerIdentity(t.Context(), nil)
	wantError(t, err, "InvalidClientTokenId", invalid)
	s.Revoke(session.AccessKeyID)
	_, err = client(url, session).GetCallerIdentity(t.Context(), nil)
	wantError(t, err, "InvalidClientTokenId", invalid)
}

func TestTransitiveTagsAndSourceIdentityBindTheNextRole(t *testing.T) {
	s := sandbox.New()
	url := serve(t, s)
	in := assumeInput()
	in.Tags, in.TransitiveTagKeys = tags(2, "v"), []string{"k1"}
	in.SourceIdentity = aws.String("alice")
	first := client(url, assume(t, client(url, exampleKeys()), in))

	next := assumeInput()
	next.Tags = []types.Tag{{Key: aws.String("K1"), Value: aws.String("w")}}
	_, err := first.AssumeRole(t.Context(), next)
	wantError(t, err, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	next.Tags[0].Key = aws.String("k0") // was not transitive
	out, err := first.AssumeRole(t.Context(), next)
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(out.SourceIdentity) != "alice" {
		t.Errorf("source identity %q did not follow", aws.ToString(out.SourceIdentity))
	}
	next.SourceIdentity = aws.String("bob")
	_, err = first.AssumeRole(t.Context(), next)
	wantError(t, err, "AccessDenied", "")
}
