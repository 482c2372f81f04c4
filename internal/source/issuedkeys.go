package source

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go/middleware"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// IssuedKey is an access key of a user, as IAM lists it.
type IssuedKey struct {
	ID      string
	Active  bool
	Created time.Time
}

// Keys lists the user's access keys, and says what AWS's clock reads.
func (i *Issuer) Keys(ctx context.Context, with awsconfig.StaticKeys, user string) (all []IssuedKey, now time.Time, err error) {
	err = i.manage(ctx, with, "ListAccessKeys", func(ctx context.Context, c *iam.Client) error {
		out, err := c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user})
		if err != nil {
			return err
		}
		for _, k := range out.AccessKeyMetadata {
			all = append(all, IssuedKey{aws.ToString(k.AccessKeyId), k.Status == types.StatusTypeActive, aws.ToTime(k.CreateDate).UTC()})
		}
		now, _ = awsmiddleware.GetServerTime(out.ResultMetadata)
		return nil
	})
	if err == nil && now.IsZero() {
		now = i.r.Now().Wall
	}
	return all, now.UTC(), err
}

// Create makes another key for the user. An answer that is lost leaves one whose
// secret nobody has.
func (i *Issuer) Create(ctx context.Context, with awsconfig.StaticKeys, user string) (key awsconfig.StaticKeys, created time.Time, err error) {
	err = i.manage(ctx, with, "CreateAccessKey", func(ctx context.Context, c *iam.Client) error {
		out, err := c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &user})
		if err != nil {
			return err
		}
		if out.AccessKey == nil {
			return errStrange
		}
		key.AccessKeyID = aws.ToString(out.AccessKey.AccessKeyId)
		key.SecretAccessKey = credential.NewSecret(aws.ToString(out.AccessKey.SecretAccessKey))
		created = aws.ToTime(out.AccessKey.CreateDate).UTC()
		if unfit(key) != "" {
			return errStrange
		}
		return nil
	})
	return key, created, err
}

// Deactivate has a key sign nothing from now on. It could be undone.
func (i *Issuer) Deactivate(ctx context.Context, with awsconfig.StaticKeys, user, id string) error {
	return i.manage(ctx, with, "UpdateAccessKey", func(ctx context.Context, c *iam.Client) error {
		_, err := c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &user, AccessKeyId: &id, Status: types.StatusTypeInactive})
		return err
	})
}

// Delete removes a key for good.
func (i *Issuer) Delete(ctx context.Context, with awsconfig.StaticKeys, user, id string) error {
	return i.manage(ctx, with, "DeleteAccessKey", func(ctx context.Context, c *iam.Client) error {
		_, err := c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &user, AccessKeyId: &id})
		return err
	})
}

// LastUsed is when a key last signed anything; zero when it never did.
func (i *Issuer) LastUsed(ctx context.Context, with awsconfig.StaticKeys, id string) (at time.Time, err error) {
	err = i.manage(ctx, with, "GetAccessKeyLastUsed", func(ctx context.Context, c *iam.Client) error {
		out, err := c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id})
		if err == nil && out.AccessKeyLastUsed != nil {
			at = aws.ToTime(out.AccessKeyLastUsed.LastUsedDate).UTC()
		}
		return err
	})
	return at, err
}

// manage makes one call of IAM, one try.
func (i *Issuer) manage(ctx context.Context, with awsconfig.StaticKeys, action string, do func(context.Context, *iam.Client) error) error {
	w, err := i.r.clients.way(i.r, i.iam.bundle)
	if err != nil {
		return badBundle(err)
	}
	keys := aws.Credentials{AccessKeyID: with.AccessKeyID, SecretAccessKey: with.SecretAccessKey.Reveal(), SessionToken: with.SessionToken.Reveal()}
	o := iam.Options{
		Region: i.iam.region, HTTPClient: httpClient(w.transport), Retryer: onceMoreForTheClock{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil }),
		APIOptions:  []func(*middleware.Stack) error{awsmiddleware.AddUserAgentKeyValue("understudy", i.r.Version)},
	}
	if i.iam.fips {
		o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	if i.iam.dual {
		o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
	}
	if i.iam.endpoint != "" {
		o.BaseEndpoint = &i.iam.endpoint
	}
	within, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	seen := &answer{host: "IAM", now: i.r.Now}
	if err = do(withAnswer(within, seen), iam.New(o)); err != nil {
		return i.explain(action, err, seen, shown{keys: keys}.secrets())
	}
	return nil
}
