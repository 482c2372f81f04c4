package source

import (
	"context"
	"strings"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/stamp"
	"understudy/internal/text"
	"understudy/internal/wire"
)

const (
	maxTokenFile = 16 << 10 // bytes
	hintRestart  = "where AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI is set, run: understudy daemon restart"
)

// container makes the plan of the role of the container that the daemon runs in.
func (b *builder) container(p profile, v awsconfig.Value) (*credential.Plan, error) {
	endpoint, err := b.r.Container.url()
	switch {
	case err != nil:
		return nil, badValue(v, "cannot be used: the address that the daemon was started with is refused: "+err.Error(), hintRestart)
	case endpoint == "":
		return nil, badValue(v, "cannot be used: the daemon was started where no container's role is", hintRestart)
	}
	h := newIdentity()
	part(h, "container", endpoint)
	r := b.r
	return &credential.Plan{
		ID: sum(h), Profile: p.name, Source: "role of this container",
		Fetch: func(ctx context.Context, _ credential.Session) (credential.Session, error) {
			token, err := r.Container.token()
			if err != nil {
				return credential.Session{}, err
			}
			return r.aws.ContainerRole(ctx, aws.Agent{URL: endpoint, Token: token, CABundle: r.defaultBundle(), Hint: hintRestart})
		},
	}, nil
}

// token returns the authorization token for the agent. A file is read again each
// time.
func (c Container) token() (credential.Secret, error) {
	if c.TokenFile == "" {
		return c.Token, nil
	}
	content, _, err := stamp.Read(c.TokenFile, maxTokenFile)
	if err != nil || len(content) == 0 || strings.ContainsFunc(string(content), notVisible) {
		reason := "it does not hold one word"
		if err != nil {
			reason = err.Error()
		}
		return credential.Secret{}, &credential.Failure{
			Code:   wire.BadConfig,
			Reason: text.Clean("the container's authorization token cannot be used: " + reason),
			Hint:   "look at the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE named where the daemon was started",
		}
	}
	return credential.NewSecret(string(content)), nil
}
