package source

import (
	"context"

	"understudy/internal/aws/iam"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// Issuer returns the issuer of a profile's long-lived keys: AWS, or the endpoints
// that the profile names. The profile need not exist. Close ends it too.
func (r *Resolver) Issuer(ctx context.Context, q credential.Query) (*iam.Issuer, error) {
	r.once.Do(r.init)
	cfg, err := r.Read(ctx, awsconfig.Files{Config: q.ConfigFile, Credentials: q.CredentialsFile})
	if err != nil {
		return nil, credential.AsFailure(err) // no last good content: the endpoints get keys
	}
	section, ok := cfg.Profile(q.Profile)
	if !ok {
		section = &awsconfig.Profile{Name: q.Profile}
	}
	b, p := &builder{r: r, cfg: cfg}, profile{Profile: section, name: q.Profile}
	if err := checkKeys(p); err != nil {
		return nil, err
	}
	i := &iam.Issuer{Clients: r.aws, Profile: q.Profile, At: p.At()}
	if i.STS, err = b.endpoint(p, awsconfig.Value{}, "aws"); err != nil {
		return nil, err
	}
	i.IAM = i.STS
	if i.IAM.URL, err = b.endpointURL(p, "iam"); err != nil {
		return nil, err
	}
	return i, nil
}
