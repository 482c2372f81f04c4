package identitycenter

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/sso/types"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// Fetch returns a new session of a role at a place. A person is asked to sign in
// where there is no token, unless ctx is unattended. The error is a
// *credential.Failure.
//
// A token that the portal turns down is renewed, then asked for anew, each once.
func (c *Center) Fetch(ctx context.Context, p Place, r Role) (credential.Session, error) {
	l := c.login(p)
	for again := 0; ; again++ {
		access, err := l.access(ctx, r.Profile)
		if err != nil {
			return credential.Session{}, credential.AsFailure(err)
		}
		s, err := c.session(ctx, p, r, access)
		if codeOf(err) != "UnauthorizedException" {
			if err != nil {
				return credential.Session{}, credential.AsFailure(err)
			}
			return s, nil
		}
		if again == 2 {
			return credential.Session{}, &credential.Failure{Code: wire.Temporary,
				Reason: r.what() + ": the portal does not take the token that was just issued",
				Hint:   "look at sso_region and at this machine's clock; then try again"}
		}
		l.turnedDown(access, again > 0)
	}
}

func (r Role) what() string {
	return fmt.Sprintf("get role credentials of %s in account %s", r.Name, r.Account)
}

// session makes one call to the portal.
func (c *Center) session(ctx context.Context, p Place, r Role, access credential.Secret) (credential.Session, error) {
	token := access.Reveal()
	var out *sso.GetRoleCredentialsOutput
	got, err := p.Call(ctx, r.what(), func(ctx context.Context, over *http.Client) (err error) {
		portal := sso.New(sso.Options{Region: p.Region, BaseEndpoint: &p.Portal, HTTPClient: over, Retryer: aws.NopRetryer{}})
		out, err = portal.GetRoleCredentials(ctx, &sso.GetRoleCredentialsInput{
			AccessToken: &token, AccountId: &r.Account, RoleName: &r.Name,
		})
		return err
	})
	if err != nil {
		return credential.Session{}, refuse(r.what(), err, got, r.class)
	}
	now := c.cfg.Now()
	s := sessionOf(out.RoleCredentials, r.Account, now)
	if !s.Expiration.IsZero() {
		at := got.At
		if at.IsZero() {
			at = now.Wall
		}
		s.Lifetime = s.Expiration.Sub(at)
	}
	if err := s.Check(now); err != nil {
		return credential.Session{}, &credential.Failure{Code: wire.Temporary,
			Reason: text.Clean(fmt.Sprintf("%s: %v, so it is refused whole", r.what(), err)),
			Hint:   "check this machine's clock, and endpoint_url if the profile names one"}
	}
	return s, nil
}

func sessionOf(c *types.RoleCredentials, account string, now credential.Moment) credential.Session {
	if c == nil {
		return credential.Session{}
	}
	s := credential.Session{
		AccessKeyID:     aws.ToString(c.AccessKeyId),
		SecretAccessKey: credential.NewSecret(aws.ToString(c.SecretAccessKey)),
		SessionToken:    credential.NewSecret(aws.ToString(c.SessionToken)),
		AccountID:       account,
		Issued:          now,
	}
	if c.Expiration > 0 {
		s.Expiration = time.UnixMilli(c.Expiration).UTC().Truncate(time.Second)
	}
	return s
}

// class says what a refusal of the portal means.
func (r Role) class(code string) (wire.Code, string) {
	switch code {
	case "ForbiddenException", "AccessDeniedException":
		return wire.Denied, fmt.Sprintf("an administrator assigns you the permission set %s in account %s; or look at sso_role_name and sso_account_id", r.Name, r.Account)
	case "ResourceNotFoundException":
		return wire.Denied, fmt.Sprintf("there is no permission set %s or no account %s; look at sso_role_name and sso_account_id", r.Name, r.Account)
	case "InvalidRequestException":
		return wire.BadConfig, "look at sso_account_id and sso_role_name"
	case "UnauthorizedException":
		return wire.LoginNeeded, loginHint(r.Profile)
	case "TooManyRequestsException":
		return wire.Temporary, "Identity Center is asked too often from here; understudy waits and asks again"
	}
	return wire.Temporary, "Identity Center could not answer; understudy asks again"
}
