package sandbox_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"understudy/internal/sandbox"
)

func iamClient(url string, keys aws.Credentials) *iam.Client {
	return iam.New(iam.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(url), Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil }),
	})
}

func refusedWith(t *testing.T, err error, code string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestAUserChangesItsKeysAsInIAM(t *testing.T) {
	s := sandbox.New()
	s.Set(sandbox.Behaviour{NewKeysUnknown: 2})
	url, ctx := serve(t, s), t.Context()
	old := iamClient(url, exampleKeys())
	made, err := old.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("alice")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = old.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})
	refusedWith(t, err, "LimitExceeded")
	id := made.AccessKey.AccessKeyId
	if used, err := old.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: id}); err != nil || used.AccessKeyLastUsed.LastUsedDate != nil {
		t.Errorf("a key nobody has used: %+v, %v", used, err)
	}
	keys := aws.Credentials{AccessKeyID: *id, SecretAccessKey: *made.AccessKey.SecretAccessKey}
	for range 2 {
		_, err = client(url, keys).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		refusedWith(t, err, "InvalidClientTokenId")
	}
	who, err := client(url, keys).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil || *who.Arn != sandbox.Example().ARN() {
		t.Fatalf("%+v, %v", who, err)
	}
	if used, err := old.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: id}); err != nil || used.AccessKeyLastUsed.LastUsedDate == nil {
		t.Errorf("a key that was used: %+v, %v", used, err)
	}
	next := iamClient(url, keys)
	first := aws.String(sandbox.Example().AccessKeyID)
	if _, err := next.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{AccessKeyId: first, Status: types.StatusTypeInactive}); err != nil {
		t.Fatal(err)
	}
	_, err = old.ListAccessKeys(ctx, &iam.ListAccessKeysInput{})
	refusedWith(t, err, "InvalidClientTokenId")
	list, err := next.ListAccessKeys(ctx, &iam.ListAccessKeysInput{})
	if err != nil || len(list.AccessKeyMetadata) != 2 || list.AccessKeyMetadata[0].Status != types.StatusTypeInactive || list.AccessKeyMetadata[1].CreateDate == nil {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, err := next.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: first}); err != nil {
		t.Fatal(err)
	}
	_, err = next.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: first})
	refusedWith(t, err, "NoSuchEntity")
	if left := s.Keys(sandbox.Example().ARN()); len(left) != 1 || left[0].ID != *id || !left[0].Active {
		t.Errorf("left: %+v", left)
	}
}

func TestIAMDeniesWhatItIsToldTo(t *testing.T) {
	s := sandbox.New()
	url, ctx := serve(t, s), t.Context()
	list := func(keys aws.Credentials) error {
		_, err := iamClient(url, keys).ListAccessKeys(ctx, &iam.ListAccessKeysInput{})
		return err
	}
	session := func(in sts.GetSessionTokenInput) aws.Credentials {
		out, err := client(url, exampleKeys()).GetSessionToken(ctx, &in)
		if err != nil {
			t.Fatal(err)
		}
		return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}
	}
	bare := session(sts.GetSessionTokenInput{})
	mfa := session(sts.GetSessionTokenInput{SerialNumber: aws.String(sandbox.Example().MFASerial), TokenCode: aws.String("123456")})
	refusedWith(t, list(bare), "InvalidClientTokenId")
	s.Set(sandbox.Behaviour{DenyKeys: sandbox.DenyKeys{Action: "*", WithoutMFA: true}})
	refusedWith(t, list(exampleKeys()), "AccessDenied")
	if err := list(mfa); err != nil {
		t.Errorf("with a code: %v", err)
	}
	s.Set(sandbox.Behaviour{DenyKeys: sandbox.DenyKeys{Action: "CreateAccessKey"}})
	if err := list(exampleKeys()); err != nil {
		t.Errorf("what is not denied: %v", err)
	}
	_, err := iamClient(url, exampleKeys()).CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})
	refusedWith(t, err, "AccessDenied")
	_, err = iamClient(url, exampleKeys()).ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("bob")})
	refusedWith(t, err, "AccessDenied")
}
