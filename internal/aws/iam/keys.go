package iam

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"understudy/internal/aws"
	"understudy/internal/credential"
)

// Key is an access key of a user, as IAM lists it.
type Key struct {
	ID      string
	Active  bool
	Created time.Time // UTC
}

// Keys lists the user's access keys, and returns the time of AWS's clock.
func (i *Issuer) Keys(ctx context.Context, with aws.Keys, user string) (all []Key, now time.Time, err error) {
	err = i.call(ctx, with, "ListAccessKeys", func(ctx context.Context, c *iam.Client) error {
		out, err := c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user})
		if err != nil {
			return err
		}
		for _, k := range out.AccessKeyMetadata {
			all = append(all, Key{sdk.ToString(k.AccessKeyId), k.Status == types.StatusTypeActive, sdk.ToTime(k.CreateDate).UTC()})
		}
		now, _ = awsmiddleware.GetServerTime(out.ResultMetadata)
		return nil
	})
	if err == nil && now.IsZero() {
		now = i.Clients.Now().Wall
	}
	return all, now.UTC(), err
}

// Create creates another key for the user. If the response is lost, a key
// remains in IAM whose secret is lost with it.
func (i *Issuer) Create(ctx context.Context, with aws.Keys, user string) (key aws.Keys, created time.Time, err error) {
	err = i.call(ctx, with, "CreateAccessKey", func(ctx context.Context, c *iam.Client) error {
		out, err := c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &user})
		if err != nil {
			return err
		}
		if out.AccessKey == nil {
			return aws.ErrUnexpected
		}
		key.AccessKeyID = sdk.ToString(out.AccessKey.AccessKeyId)
		key.SecretAccessKey = credential.NewSecret(sdk.ToString(out.AccessKey.SecretAccessKey))
		created = sdk.ToTime(out.AccessKey.CreateDate).UTC()
		if key.Invalid() != "" {
			return aws.ErrUnexpected
		}
		return nil
	})
	return key, created, err
}

// Deactivate makes AWS reject a key. IAM can activate it again.
func (i *Issuer) Deactivate(ctx context.Context, with aws.Keys, user, id string) error {
	return i.call(ctx, with, "UpdateAccessKey", func(ctx context.Context, c *iam.Client) error {
		_, err := c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &user, AccessKeyId: &id, Status: types.StatusTypeInactive})
		return err
	})
}

// Delete deletes a key for good.
func (i *Issuer) Delete(ctx context.Context, with aws.Keys, user, id string) error {
	return i.call(ctx, with, "DeleteAccessKey", func(ctx context.Context, c *iam.Client) error {
		_, err := c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &user, AccessKeyId: &id})
		return err
	})
}

// LastUsed returns when a key last signed a request; zero if it never did.
func (i *Issuer) LastUsed(ctx context.Context, with aws.Keys, id string) (at time.Time, err error) {
	err = i.call(ctx, with, "GetAccessKeyLastUsed", func(ctx context.Context, c *iam.Client) error {
		out, err := c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id})
		if err == nil && out.AccessKeyLastUsed != nil {
			at = sdk.ToTime(out.AccessKeyLastUsed.LastUsedDate).UTC()
		}
		return err
	})
	return at, err
}
