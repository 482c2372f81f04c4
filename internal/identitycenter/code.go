package identitycenter

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// withCode signs a person in with a browser of this machine: the page sends it
// back to us with a code, which only we can turn into a token (RFC 7636).
func (l *login) withCode(ctx context.Context, profile string) (credential.Secret, error) {
	c, err := l.client(ctx, byCode)
	if err != nil {
		return credential.Secret{}, err
	}
	back, err := listen()
	if err != nil {
		return credential.Secret{}, &credential.Failure{Code: wire.Temporary,
			Reason: l.what() + ": no port of 127.0.0.1 can be had for the browser to come back to", Hint: "to sign in without one, run: understudy login --device " + profile}
	}
	defer back.close()
	verifier := random()
	page := l.visit(ctx, prompt.Question{Profile: profile, URL: l.authorizeURL(c, back, verifier)})
	defer page.end()
	select {
	case came := <-back.came:
		var a credential.Secret
		if came.refused != "" {
			err = l.denied(came.refused, profile)
		} else {
			a, err = l.redeem(ctx, c, came.code, back.uri, verifier)
		}
		back.outcome <- err
		return a, err
	case err := <-page.over:
		return credential.Secret{}, l.unanswered(err, profile)
	case <-ctx.Done():
		return credential.Secret{}, l.unanswered(ctx.Err(), profile)
	}
}

// authorizeURL is where the browser is sent. It holds no secret.
func (l *login) authorizeURL(c client, back *callback, verifier string) string {
	l.mu.Lock()
	place := l.place
	l.mu.Unlock()
	challenge := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type":         {"code"},
		"client_id":             {c.id},
		"redirect_uri":          {back.uri},
		"state":                 {back.state},
		"code_challenge_method": {"S256"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"scopes":                {strings.Join(place.Scopes, " ")},
	}
	// The AWS CLI writes a blank as %20, and not every reader takes a plus for one.
	return place.OIDC + "/authorize?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// redeem turns a code into a token.
func (l *login) redeem(ctx context.Context, c client, code credential.Secret, uri, verifier string) (credential.Secret, error) {
	grant, text := string(byCode), code.Reveal()
	secret := c.secret.Reveal()
	return l.createToken(ctx, byCode, nil, &ssooidc.CreateTokenInput{
		ClientId: &c.id, ClientSecret: &secret, GrantType: &grant,
		Code: &text, CodeVerifier: &verifier, RedirectUri: &uri,
	})
}

// random is 32 bytes as RFC 7636 wants a verifier.
func random() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
