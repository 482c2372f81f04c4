// Package iam administers the access keys of IAM users: list, create, deactivate
// and delete them.
//
// Errors are, or wrap, *credential.Failure. ErrTwoKeys, ErrNoSuchKey and
// ErrNotAllowed tell apart what IAM rejects; a key that AWS does not know, or not
// yet, is a Failure with BaseRefused. No error repeats a key.
package iam

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"understudy/internal/aws"
)

// Issuer issues the access keys of one profile's user. All fields are required.
// It is safe for concurrent use.
type Issuer struct {
	Clients *aws.Clients
	Profile string       // whose keys they are, for messages
	At      string       // file:line of the profile
	STS     aws.Endpoint // resolved
	IAM     aws.Endpoint // need not be resolved
}

// Who asks STS for the owner of a key.
func (i *Issuer) Who(ctx context.Context, key aws.Keys) (aws.Identity, error) {
	sts, err := i.Clients.STS(i.STS)
	if err != nil {
		return aws.Identity{}, err
	}
	who, err := sts.Identity(ctx, aws.Purpose{
		What: fmt.Sprintf("get caller identity for keys of %q", i.Profile), Owner: fmt.Sprintf("profile %q", i.Profile), At: i.At,
	}, key)
	if r, ok := errors.AsType[*aws.Refusal](err); ok {
		return who, r.Failure
	}
	return who, err
}

// call makes one request to IAM.
func (i *Issuer) call(ctx context.Context, with aws.Keys, action string, do func(context.Context, *iam.Client) error) error {
	what := fmt.Sprintf("%s for keys of %q", action, i.Profile)
	err := i.Clients.Call(ctx, i.IAM, "IAM", what, with, func(ctx context.Context, c sdk.Config) error {
		return do(ctx, i.client(c))
	})
	if err != nil {
		return explain(what, action, err)
	}
	return nil
}

// client makes a client of the SDK from explicit options alone:
// iam.NewFromConfig would read environment variables too.
func (i *Issuer) client(c sdk.Config) *iam.Client {
	o := iam.Options{
		Region: c.Region, BaseEndpoint: c.BaseEndpoint, HTTPClient: c.HTTPClient, Retryer: c.Retryer(),
		Credentials: c.Credentials, APIOptions: c.APIOptions,
	}
	o.EndpointOptions.UseFIPSEndpoint = i.IAM.FIPSState()
	o.EndpointOptions.UseDualStackEndpoint = i.IAM.DualStackState()
	return iam.New(o)
}
