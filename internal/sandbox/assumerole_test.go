package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"understudy/internal/sandbox"
)

func TestParametersOutsideTheRulesAreRefusedInTheWordsOfSTS(t *testing.T) {
	s := sandbox.New()
	c := client(serve(t, s), exampleKeys())
	const failed = "1 validation error detected: Value "
	for _, tt := range []struct {
		name          string
		change        func(*sts.AssumeRoleInput)
		code, message string
	}{
		{"short life", func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(899) }, "ValidationError",
			failed + "'899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"},
		{"long life", func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(43201) }, "ValidationError",
			failed + "'43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200"},
		{"session name with a space", func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String("a b") }, "ValidationError",
			failed + `'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`},
		{"session name of one character", func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String("a") }, "ValidationError",
			failed + "'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2"},
		{"session name of 65 characters", func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String(strings.Repeat("a", 65)) }, "ValidationError", ""},
		{"short external id", func(in *sts.AssumeRoleInput) { in.ExternalId = aws.String("x") }, "ValidationError", ""},
		{"external id with a star", func(in *sts.AssumeRoleInput) { in.ExternalId = aws.String("x*x") }, "ValidationError", ""},
		{"not an arn", func(in *sts.AssumeRoleInput) { in.RoleArn = aws.String("arn:aws:iam::12:role/Admin") }, "ValidationError",
			"arn:aws:iam::12:role/Admin is invalid"},
		{"source identity with a slash", func(in *sts.AssumeRoleInput) { in.SourceIdentity = aws.String("a/b") }, "ValidationError", ""},
		{"policy cut short", func(in *sts.AssumeRoleInput) { in.Policy = aws.String(`{"Statement":`) }, "MalformedPolicyDocument",
			"This policy contains invalid Json"},
		{"policy of 2049 characters", func(in *sts.AssumeRoleInput) { in.Policy = aws.String(policy(2049)) }, "ValidationError", ""},
		{"policy arn of nothing", func(in *sts.AssumeRoleInput) { in.PolicyArns = policyARNs(1, "arn:aws:s3:::bucket") }, "ValidationError",
			"ARN arn:aws:s3:::bucket is not valid."},
		{"eleven policy arns", func(in *sts.AssumeRoleInput) {
			in.PolicyArns = policyARNs(11, "arn:aws:iam::aws:policy/ReadOnlyAccess")
		}, "ValidationError", ""},
		{"51 tags", func(in *sts.AssumeRoleInput) { in.Tags = tags(51, "v") }, "ValidationError", ""},
		{"one tag twice", func(in *sts.AssumeRoleInput) {
			in.Tags = append(tags(1, "v"), types.Tag{Key: aws.String("K0"), Value: aws.String("w")})
		}, "ValidationError",
			"Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		{"reserved tag", func(in *sts.AssumeRoleInput) {
			in.Tags = []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("v")}}
		}, "ValidationError", ""},
		{"tag value with a star", func(in *sts.AssumeRoleInput) { in.Tags = tags(1, "*") }, "ValidationError", ""},
		{"transitive key that is no tag", func(in *sts.AssumeRoleInput) { in.TransitiveTagKeys = []string{"k9"} }, "ValidationError",
			"The specified transitive tag key must be included in the requested tags."},
		{"more than the packed budget", func(in *sts.AssumeRoleInput) {
			in.Policy = aws.String(policy(2000))
			in.Tags = tags(50, strings.Repeat("v", 200))
		}, "PackedPolicyTooLarge", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := assumeInput()
			tt.change(in)
			_, err := c.AssumeRole(t.Context(), in)
			wantError(t, err, tt.code, tt.message)
		})
	}
}

func TestEveryParameterArrivesAndShowsInTheCall(t *testing.T) {
	s := sandbox.New()
	c := client(serve(t, s), exampleKeys())
	in := assumeInput()
	in.DurationSeconds = aws.Int32(43200)
	in.ExternalId = aws.String("ex:1/2")
	in.SourceIdentity = aws.String("alice@example.org")
	in.Policy = aws.String(policy(2048))
	in.PolicyArns = policyARNs(2, "arn:aws:iam::aws:policy/ReadOnlyAccess")
	in.Tags = tags(2, "Zürich 1")
	in.TransitiveTagKeys = []string{"k1"}
	in.SerialNumber = aws.String(sandbox.Example().MFASerial)
	in.TokenCode = aws.String("123456")
	out, err := c.AssumeRole(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(out.SourceIdentity); got != "alice@example.org" {
		t.Errorf("source identity %q", got)
	}
	call := s.Calls()[0]
	for k, want := range map[string]string{
		"RoleArn": admin, "RoleSessionName": "alice@laptop", "DurationSeconds": "43200", "ExternalId": "ex:1/2",
		"PolicyArns.member.2.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "Tags.member.1.Value": "Zürich 1",
		"TransitiveTagKeys.member.1": "k1", "TokenCode": "",
	} {
		if got := call.Params[k]; got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
	if call.Op != "AssumeRole" || call.Key != exampleKeys().AccessKeyID {
		t.Errorf("call %+v", call)
	}
}

func TestARoleOpensOnlyToWhomItTrusts(t *testing.T) {
	s := sandbox.New()
	s.AddUser(otherUser())
	s.AddRole(sandbox.Role{ARN: admin, Trusts: []string{sandbox.Example().ARN()}, ExternalID: "secret-word", MaxDuration: 2 * time.Hour})
	url := serve(t, s)
	bob := otherUser()
	const refusal = "User: arn:aws:iam::%s is not authorized to perform: sts:AssumeRole on resource: " + admin
	call := func(keys aws.Credentials, external string, seconds int32) error {
		in := assumeInput()
		in.ExternalId, in.DurationSeconds = aws.String(external), aws.Int32(seconds)
		_, err := client(url, keys).AssumeRole(t.Context(), in)
		return err
	}
	if err := call(exampleKeys(), "secret-word", 7200); err != nil {
		t.Error(err)
	}
	wantError(t, call(exampleKeys(), "another", 3600), "AccessDenied", fmt.Sprintf(refusal, "111111111111:user/alice"))
	wantError(t, call(aws.Credentials{AccessKeyID: bob.AccessKeyID, SecretAccessKey: bob.Secret.Reveal()}, "secret-word", 3600),
		"AccessDenied", fmt.Sprintf(refusal, "222222222222:user/bob"))
	wantError(t, call(exampleKeys(), "secret-word", 7201), "ValidationError",
		"The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	in := assumeInput()
	in.RoleArn = aws.String("arn:aws:iam::123456789012:role/Nobody")
	_, err := client(url, exampleKeys()).AssumeRole(t.Context(), in)
	wantError(t, err, "AccessDenied", "")
}

// policy returns a policy document of n characters.
func policy(n int) string {
	const head, tail = `{"Version":"2012-10-17","Statement":[],"Id":"`, `"}`
	return head + strings.Repeat("x", n-len(head)-len(tail)) + tail
}

func policyARNs(n int, arn string) []types.PolicyDescriptorType {
	out := make([]types.PolicyDescriptorType, n)
	for i := range out {
		out[i].Arn = aws.String(arn)
	}
	return out
}

func tags(n int, value string) []types.Tag {
	out := make([]types.Tag, n)
	for i := range out {
		out[i] = types.Tag{Key: aws.String(fmt.Sprintf("k%d", i)), Value: aws.String(value)}
	}
	return out
}
