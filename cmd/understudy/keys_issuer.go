package main

import (
	"cmp"
	"context"
	"os"

	"understudy/internal/aws"
	"understudy/internal/aws/iam"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/place"
	"understudy/internal/settings"
	"understudy/internal/source"
	"understudy/internal/trust"
)

// issuers asks AWS about keys where their profiles' sessions come from, and
// believes no other configuration than the daemon does.
type issuers struct {
	r     *source.Resolver
	files awsconfig.Files
}

func (a *app) openIssuers() (*issuers, error) {
	set, err := settings.Load()
	if err != nil {
		return nil, err
	}
	config, credentials, _, err := place.AWSFiles()
	if err != nil {
		return nil, err
	}
	policy := &trust.Policy{Always: trust.Own()}
	if policy.List, err = trustList(); err != nil {
		return nil, err
	}
	return &issuers{
		files: awsconfig.Files{Config: config, Credentials: credentials},
		r: &source.Resolver{
			Read:        (&awsconfig.Reader{Approve: policy.Approve}).Read,
			EndpointURL: set.STSEndpointURL,
			CABundle:    cmp.Or(os.Getenv(source.EnvCABundle), os.Getenv("AWS_CA_BUNDLE")),
			Version:     a.version,
		},
	}, nil
}

func (i *issuers) close() { i.r.Close() }

func (i *issuers) of(ctx context.Context, profile string) (*iam.Issuer, error) {
	return i.r.Issuer(ctx, credential.Query{Profile: profile, ConfigFile: i.files.Config, CredentialsFile: i.files.Credentials})
}

// who asks whom a key speaks for.
func (i *issuers) who(ctx context.Context, profile string, key awsconfig.StaticKeys) (aws.Identity, error) {
	issuer, err := i.of(ctx, profile)
	if err != nil {
		return aws.Identity{}, err
	}
	return issuer.Who(ctx, aws.Keys{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey, SessionToken: key.SessionToken})
}
