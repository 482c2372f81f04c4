package identitycenter

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"understudy/internal/credential"
)

// clientName is what the consent page calls us.
const clientName = "understudy"

// clientMargin is more than a sign-in takes.
const clientMargin = time.Hour

// client returns the client for a grant, which it registers where there is none
// that lasts. The two ways have one each, as the AWS CLI has.
func (l *login) client(ctx context.Context, g grant) (client, error) {
	l.mu.Lock()
	c, ok := l.kept.clients[g]
	place := l.place
	l.mu.Unlock()
	if ok && c.expires.Sub(l.c.cfg.Now().Wall) > clientMargin {
		return c, nil
	}
	in := &ssooidc.RegisterClientInput{
		ClientName: aws.String(clientName), ClientType: aws.String("public"), Scopes: place.Scopes,
		GrantTypes: []string{string(g), string(byRefresh)},
	}
	if g == byCode {
		in.RedirectUris, in.IssuerUrl = []string{callbackURI}, &place.StartURL
	}
	var out *ssooidc.RegisterClientOutput
	err := l.call(ctx, func(ctx context.Context, over *http.Client) (err error) {
		out, err = l.oidc(over).RegisterClient(ctx, in)
		return err
	})
	if err != nil {
		return client{}, err
	}
	c = client{aws.ToString(out.ClientId), credential.NewSecret(aws.ToString(out.ClientSecret)), time.Unix(out.ClientSecretExpiresAt, 0)}
	if c.id == "" || c.secret.Empty() {
		return client{}, l.senseless()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setLocked(l.kept.with(g, c))
	return c, nil
}

func (l *login) dropClient(g grant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setLocked(l.kept.without(g))
}

// refresh makes a token of the one there is. errNone says that there is nothing
// to make it of, any more.
func (l *login) refresh(ctx context.Context) (credential.Secret, error) {
	l.mu.Lock()
	old := l.kept.token
	var c client
	if old != nil {
		c = l.kept.clients[old.client]
	}
	l.mu.Unlock()
	if old == nil || old.refresh.Empty() || c.id == "" {
		return credential.Secret{}, errNone
	}
	grant, secret, text := string(byRefresh), c.secret.Reveal(), old.refresh.Reveal()
	a, err := l.createToken(ctx, old.client, old, &ssooidc.CreateTokenInput{
		ClientId: &c.id, ClientSecret: &secret, GrantType: &grant, RefreshToken: &text,
	})
	if err == nil || !ended(err) {
		return a, err
	}
	l.c.cfg.Log.Info("a sign-in has ended", "portal", l.where(), "code", codeOf(err))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept.token == old {
		l.setLocked(kept{clients: l.kept.clients})
	}
	return credential.Secret{}, errNone
}

// createToken asks for a token and takes it in. old is what it replaces.
func (l *login) createToken(ctx context.Context, by grant, old *token, in *ssooidc.CreateTokenInput) (credential.Secret, error) {
	var out *ssooidc.CreateTokenOutput
	err := l.call(ctx, func(ctx context.Context, over *http.Client) (err error) {
		out, err = l.oidc(over).CreateToken(ctx, in)
		return err
	})
	if codeOf(err) == "InvalidClientException" {
		l.dropClient(by)
	}
	if err != nil {
		return credential.Secret{}, err
	}
	now := l.c.cfg.Now().Wall
	t := &token{
		access: credential.NewSecret(aws.ToString(out.AccessToken)), refresh: credential.NewSecret(aws.ToString(out.RefreshToken)),
		issued: now, expires: now.Add(time.Duration(out.ExpiresIn) * time.Second), client: by,
	}
	if !isToken(t.access.Reveal()) || out.ExpiresIn <= 0 {
		return credential.Secret{}, l.senseless()
	}
	if t.refresh.Empty() && old != nil {
		t.refresh = old.refresh // it goes on, as OAuth has it
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused = slices.DeleteFunc(l.refused, t.access.Equal)
	l.setLocked(kept{l.kept.clients, t})
	return t.access, nil
}

// oidc is the service's client. No environment variable and no file has a part
// in where it asks, and who calls decides when to ask again.
func (l *login) oidc(over *http.Client) *ssooidc.Client {
	l.mu.Lock()
	place := l.place
	l.mu.Unlock()
	return ssooidc.New(ssooidc.Options{
		Region: place.Region, BaseEndpoint: &place.OIDC, HTTPClient: over, Retryer: aws.NopRetryer{},
	})
}

// call makes one call. An error is, or wraps, a *credential.Failure; where the
// service said no it is a *refusal.
func (l *login) call(ctx context.Context, do func(context.Context, *http.Client) error) error {
	l.mu.Lock()
	place := l.place
	l.mu.Unlock()
	what := l.what()
	got, err := place.Call(ctx, what, do)
	if err == nil {
		return nil
	}
	return refuse(what, err, got, classOIDC)
}
