package source

import (
	"cmp"
	"context"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/identitycenter"
)

// identityCenter makes the plan of a profile of IAM Identity Center: a session of
// a permission set, which the portal gives to users who are signed in.
func identityCenter(b *builder, p profile, _ awsconfig.Value) (*credential.Plan, error) {
	role := identitycenter.Role{Profile: p.name}
	for _, k := range []struct {
		key, example, rule string
		valid              func(string) bool
		into               *string
	}{
		{"sso_account_id", "123456789012", "write the 12 digits of the account", aws.IsAccountID, &role.Account},
		{"sso_role_name", "Admin", "write the name of a permission set: up to 64 letters, digits and _+=,.@-",
			func(s string) bool { return isName(s, 1, 64) }, &role.Name},
	} {
		v, ok := p.value(k.key)
		if !ok {
			return nil, missingKey(p.At(), "profile", p.name, k.key, "write "+awsconfig.Prefix+k.key+" = "+k.example+" into the profile")
		}
		if !k.valid(v.Text) {
			return nil, badValue(v, "= \""+brief(v.Text)+"\" cannot be used", k.rule)
		}
		*k.into = v.Text
	}
	place, err := b.portal(p)
	if err != nil {
		return nil, err
	}
	signIns := b.r.SignIns
	return &credential.Plan{
		ID: placeIdentity(place, role), Profile: p.name, AccountID: role.Account,
		Source: role.Name + " via " + cmp.Or(place.Session, "Identity Center"),
		Asks:   place.About(),
		Fetch: func(ctx context.Context, _ credential.Session) (credential.Session, error) {
			return signIns.Fetch(ctx, place, role)
		},
	}, nil
}

// placeIdentity is the ID of a session of Identity Center. The name of an
// [sso-session] section has no effect on it.
func placeIdentity(place identitycenter.Place, role identitycenter.Role) string {
	h := newIdentity()
	part(h, "identity center", place.StartURL, place.Region, place.OIDC, place.Portal)
	part(h, "scopes", place.Scopes...)
	part(h, "role", role.Account, role.Name)
	return sum(h)
}
