package source

import (
	"context"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/place"
	"understudy/internal/stamp"
)

// login makes the plan of a profile with a login_session: the credentials of a
// login that `aws login` made.
func login(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	to, err := b.region(p, awsconfig.Value{}, "aws")
	if err != nil {
		return nil, err
	}
	if to.URL, err = b.endpointURL(p, "signin"); err != nil {
		return nil, err
	}
	home, err := place.Home()
	if err != nil {
		return nil, badValue(by, "has its tokens in the home folder, which is not known", "set HOME where the daemon is started")
	}
	file, err := aws.LoginFile(by.Text, home)
	if err != nil {
		return nil, badValue(by, "cannot be used", "run: aws login --profile "+p.name)
	}
	h := newIdentity()
	part(h, "login", file)
	endpointPart(h, to)
	part(h, "signin", to.URL)
	now := stamp.Of(file)
	b.read = append(b.read, now)
	r, of := b.r, aws.Login{Endpoint: to, File: file, Profile: p.name}
	return &credential.Plan{
		ID: sum(h), Profile: p.name, Source: "aws login", Stamp: now.String(),
		Fetch: func(ctx context.Context, _ credential.Session) (credential.Session, error) {
			return r.aws.LoginSession(ctx, of)
		},
	}, nil
}
