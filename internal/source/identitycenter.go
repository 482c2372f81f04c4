package source

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/identitycenter"
)

// identityCenter makes the plan of a profile of IAM Identity Center: a session
// of a permission set, which the portal hands out to whoever is signed in.
func identityCenter(b *builder, p profile, _ awsconfig.Value) (*credential.Plan, error) {
	role := identitycenter.Role{Profile: p.name}
	for _, k := range []struct {
		key, example, rule string
		right              func(string) bool
		into               *string
	}{
		{"sso_account_id", "123456789012", "write the 12 digits of the account", isAccount, &role.Account},
		{"sso_role_name", "Admin", "write the name of a permission set: up to 64 letters, digits and _+=,.@-",
			func(s string) bool { return isName(s, 1, 64) }, &role.Name},
	} {
		v, ok := p.value(k.key)
		if !ok {
			return nil, missingKey(p.At(), "profile", p.name, k.key, "write "+awsconfig.Prefix+k.key+" = "+k.example+" into the profile")
		}
		if !k.right(v.Text) {
			return nil, wrong(v, "= \""+brief(v.Text)+"\" cannot be used", k.rule)
		}
		*k.into = v.Text
	}
	place, err := b.portal(p)
	if err != nil {
		return nil, err
	}
	signIns := b.r.SignIns
	return &credential.Plan{
		ID: identityOf(place, role), Profile: p.name, AccountID: role.Account,
		Source: role.Name + " via " + cmp.Or(place.Session, "Identity Center"),
		Asks:   place.About(),
		Fetch: func(ctx context.Context, _ credential.Session) (credential.Session, error) {
			return signIns.Fetch(ctx, place, role)
		},
	}, nil
}

// identityOf is the identity of a session: all that has an effect on what it may
// do and on who is asked for it. What a section is called has none.
func identityOf(place identitycenter.Place, role identitycenter.Role) string {
	h := sha256.New()
	part(h, "understudy plan 1")
	part(h, "identity center", place.StartURL, place.Region, place.OIDC, place.Portal)
	part(h, "scopes", place.Scopes...)
	part(h, "role", role.Account, role.Name)
	return hex.EncodeToString(h.Sum(nil))
}

// toIdentityCenter makes the calls to Identity Center by the rules of those to
// STS: the same proxies and CAs, one try of 5 s, no redirect, a bounded answer.
func (r *Resolver) toIdentityCenter(bundle string) identitycenter.Call {
	return func(ctx context.Context, what string, do func(context.Context, *http.Client) error) (identitycenter.Heard, error) {
		w, err := r.clients.way(r, bundle)
		if err != nil {
			return identitycenter.Heard{}, badBundle(err)
		}
		within, cancel := context.WithTimeout(ctx, tryLimit)
		defer cancel()
		seen := &answer{now: r.Now}
		err = do(withAnswer(within, seen), httpClient(w.transport))
		heard := identitycenter.Heard{RetryAfter: seen.retryAfter()}
		if at, ok := seen.date(); ok {
			heard.At = at
		}
		if err == nil || seen.fromSTS(err) {
			return heard, err
		}
		seen.host = cmp.Or(seen.host, "Identity Center")
		return heard, errand{what, "Identity Center", "json"}.unreached(ctx, within, err, seen)
	}
}
