package source

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"understudy/internal/credential"
	"understudy/internal/prompt"
)

// shown is what one call shows STS for itself: keys that sign it, or a proof.
type shown struct {
	keys     aws.Credentials
	proof    credential.Secret
	provider string         // ARN of the SAML provider that a proof comes from
	code     *prompt.Answer // of an MFA device, beside the keys; nil for none
}

// show makes ready what the call shows for itself.
func (c *call) show(ctx context.Context, base credential.Session) (shown, error) {
	if c.proof == nil {
		return shown{keys: c.signing(base)}, nil
	}
	text, err := c.proof.read(ctx)
	if err != nil || c.proof.kind == token {
		return shown{proof: text}, err
	}
	provider, err := c.proof.issuer(text, c.role.arn.text)
	return shown{proof: text, provider: provider}, err
}

// secrets are what must not be told to people, should the server repeat it.
func (s shown) secrets() []string {
	return []string{s.proof.Reveal(), s.keys.SessionToken, s.keys.SecretAccessKey, s.keys.AccessKeyID}
}

// present asks STS with a proof.
func (c *call) present(ctx context.Context, client *sts.Client, with shown, seconds int32) (*types.Credentials, *types.AssumedRoleUser, error) {
	in := c.role.input(seconds)
	once := func(o *sts.Options) { o.Retryer = onceMoreForTheClock{} }
	if c.proof.kind == assertion {
		out, err := client.AssumeRoleWithSAML(ctx, &sts.AssumeRoleWithSAMLInput{
			RoleArn: in.RoleArn, PrincipalArn: &with.provider, SAMLAssertion: aws.String(with.proof.Reveal()),
			DurationSeconds: in.DurationSeconds, Policy: in.Policy, PolicyArns: in.PolicyArns,
		}, once)
		if err != nil {
			return nil, nil, err
		}
		return out.Credentials, out.AssumedRoleUser, nil
	}
	out, err := client.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: in.RoleArn, RoleSessionName: in.RoleSessionName, WebIdentityToken: aws.String(with.proof.Reveal()),
		DurationSeconds: in.DurationSeconds, Policy: in.Policy, PolicyArns: in.PolicyArns,
	}, once)
	if err != nil {
		return nil, nil, err
	}
	return out.Credentials, out.AssumedRoleUser, nil
}
