package aws

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"understudy/internal/credential"
)

// Auth is what a call presents to STS: Signed, WebIdentity or SAML.
type Auth interface {
	// call makes the call of STS that takes this kind.
	call(ctx context.Context, c *sts.Client, r Request) (output, error)
	// secrets are what no message may repeat.
	secrets() []string
}

// output is the part of a response that a session is made from.
type output struct {
	credentials *types.Credentials // nil if the response has none
	account     string             // empty if not known
}

// Signed is a call signed with keys, with the code of an MFA device or without:
// AssumeRole, or GetSessionToken if no role is asked for.
type Signed struct {
	Keys   Keys
	Serial string            // of the MFA device; empty without a code
	Code   credential.Secret // that the device shows
}

func (a Signed) secrets() []string { return a.Keys.secrets() }

func (a Signed) call(ctx context.Context, c *sts.Client, r Request) (output, error) {
	var serial, code *string
	if a.Serial != "" {
		serial, code = &a.Serial, sdk.String(a.Code.Reveal())
	}
	sign := func(o *sts.Options) {
		signWith(a.Keys)(o)
		retryOnce(o)
		if code != nil {
			o.Retryer = sdk.NopRetryer{} // STS accepts a code once
		}
	}
	seconds := int32(r.Duration.Seconds())
	if r.Role == nil {
		out, err := c.GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: &seconds, SerialNumber: serial, TokenCode: code}, sign)
		if err != nil {
			return output{}, err
		}
		return output{out.Credentials, accountOf(a.Serial)}, nil
	}
	in := &sts.AssumeRoleInput{
		RoleArn:           &r.Role.ARN,
		RoleSessionName:   &r.Role.SessionName,
		DurationSeconds:   &seconds,
		ExternalId:        optional(r.Role.ExternalID),
		SourceIdentity:    optional(r.Role.SourceIdentity),
		Policy:            optional(r.Role.Policy),
		PolicyArns:        r.Role.policyARNs(),
		TransitiveTagKeys: r.Role.TransitiveTagKeys,
		SerialNumber:      serial,
		TokenCode:         code,
	}
	for _, t := range r.Role.Tags {
		in.Tags = append(in.Tags, types.Tag{Key: &t.Key, Value: &t.Value})
	}
	out, err := c.AssumeRole(ctx, in, sign)
	if err != nil {
		return output{}, err
	}
	return output{out.Credentials, r.Role.account(out.AssumedRoleUser)}, nil
}

// WebIdentity is an unsigned call with the token of an OpenID Connect provider:
// AssumeRoleWithWebIdentity. The request must name a role.
type WebIdentity struct{ Token credential.Secret }

func (a WebIdentity) secrets() []string { return []string{a.Token.Reveal()} }

func (a WebIdentity) call(ctx context.Context, c *sts.Client, r Request) (output, error) {
	out, err := c.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: &r.Role.ARN, RoleSessionName: &r.Role.SessionName, WebIdentityToken: sdk.String(a.Token.Reveal()),
		DurationSeconds: sdk.Int32(int32(r.Duration.Seconds())), Policy: optional(r.Role.Policy), PolicyArns: r.Role.policyARNs(),
	}, retryOnce)
	if err != nil {
		return output{}, err
	}
	return output{out.Credentials, r.Role.account(out.AssumedRoleUser)}, nil
}

// SAML is an unsigned call with the assertion of a SAML provider:
// AssumeRoleWithSAML. The request must name a role; its SessionName is not sent.
type SAML struct {
	Assertion credential.Secret // base64
	Provider  string            // ARN of the provider that issued it
}

func (a SAML) secrets() []string { return []string{a.Assertion.Reveal()} }

func (a SAML) call(ctx context.Context, c *sts.Client, r Request) (output, error) {
	out, err := c.AssumeRoleWithSAML(ctx, &sts.AssumeRoleWithSAMLInput{
		RoleArn: &r.Role.ARN, PrincipalArn: &a.Provider, SAMLAssertion: sdk.String(a.Assertion.Reveal()),
		DurationSeconds: sdk.Int32(int32(r.Duration.Seconds())), Policy: optional(r.Role.Policy), PolicyArns: r.Role.policyARNs(),
	}, retryOnce)
	if err != nil {
		return output{}, err
	}
	return output{out.Credentials, r.Role.account(out.AssumedRoleUser)}, nil
}

// retryOnce sets the retry policy on each call too, because the client of the
// SDK extends its own with an error code.
func retryOnce(o *sts.Options) { o.Retryer = retryForClock{} }

func (r *Role) policyARNs() []types.PolicyDescriptorType {
	var all []types.PolicyDescriptorType
	for _, arn := range r.PolicyARNs {
		all = append(all, types.PolicyDescriptorType{Arn: &arn})
	}
	return all
}

// account is the account of the session: that of the response, else the role's.
func (r *Role) account(user *types.AssumedRoleUser) string {
	if user != nil {
		if account := accountOf(sdk.ToString(user.Arn)); account != "" {
			return account
		}
	}
	return accountOf(r.ARN)
}
