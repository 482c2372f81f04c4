package source

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// Issuer is AWS as what issues the long-lived keys of one profile, for the verbs
// that keep and change them. It asks where the profile's own sessions come from.
// It is safe for concurrent use.
type Issuer struct {
	r       *Resolver
	profile string
	at      string // file:line of the profile's header
	sts     site
	iam     site // resolved and host are not set
}

// Issuer returns the issuer of a profile's keys. One that no file has is asked
// where AWS's own are.
func (r *Resolver) Issuer(ctx context.Context, q credential.Query) (*Issuer, error) {
	r.once.Do(r.init)
	cfg, err := r.Read(ctx, awsconfig.Files{Config: q.ConfigFile, Credentials: q.CredentialsFile})
	if err != nil {
		return nil, credential.AsFailure(err) // what stands in a broken file decides whom to believe
	}
	section, ok := cfg.Profile(q.Profile)
	if !ok {
		section = &awsconfig.Profile{Name: q.Profile}
	}
	b, p := &builder{r: r, cfg: cfg}, profile{Profile: section, name: q.Profile}
	if err := checkKeys(p); err != nil {
		return nil, err
	}
	i := &Issuer{r: r, profile: q.Profile, at: p.At()}
	if i.sts, err = b.site(p, awsconfig.Value{}, "aws"); err != nil {
		return nil, err
	}
	i.iam = i.sts
	if i.iam.endpoint, err = b.endpointOf(p, "iam"); err != nil {
		return nil, err
	}
	return i, nil
}

// Caller is whom a key speaks for.
type Caller struct{ Account, ARN string }

// Who asks STS whom the key speaks for, which everybody may. A key that STS does
// not know, or not yet, is a Failure with BaseRefused.
func (i *Issuer) Who(ctx context.Context, key awsconfig.StaticKeys) (Caller, error) {
	client, err := i.r.clients.get(i.r, i.sts)
	if err != nil {
		return Caller{}, badBundle(err)
	}
	c := &call{
		r: i.r, to: i.sts, at: i.at, what: fmt.Sprintf("get caller identity for keys of %q", i.profile),
		signer: signer{keys: key, profile: i.profile, owner: fmt.Sprintf("profile %q", i.profile)},
	}
	within, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	seen := &answer{host: i.sts.host, now: i.r.Now}
	with := shown{keys: c.signing(credential.Session{})}
	out, err := client.GetCallerIdentity(withAnswer(within, seen), &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return with.keys, nil })
	})
	if err == nil && accountOf(aws.ToString(out.Arn)) == "" {
		err = errStrange
	}
	if skew, ok := seen.skew(); ok && seen.fromSTS(err) {
		i.r.OnSkew(skew)
	}
	if err != nil {
		return Caller{}, unwrapRefusal(c.explain(ctx, within, err, seen, with))
	}
	return Caller{Account: accountOf(*out.Arn), ARN: *out.Arn}, nil
}
