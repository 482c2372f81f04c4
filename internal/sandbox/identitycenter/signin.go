package identitycenter

import (
	"cmp"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"

	"understudy/internal/credential"
)

// signIn is what a person has given leave to; its tokens come and go.
type signIn struct {
	client    string
	ends      time.Time // nothing is refreshed from then on
	renewable bool
}

// access is an access token's meaning.
type access struct {
	login   *signIn
	expires time.Time
}

// issue makes the next pair of tokens. The caller must hold s.mu.
func (s *Server) issue(login *signIn) tokenOut {
	b := s.behaviour
	lasts := life(b.TokenLife, time.Hour)
	out := tokenOut{AccessToken: secret("aoa", b).Reveal(), TokenType: "Bearer", ExpiresIn: int(lasts / time.Second)}
	s.access[out.AccessToken] = &access{login, b.now().Add(lasts)}
	if login.renewable && !b.NoRefresh {
		out.RefreshToken = secret("aor", b).Reveal()
		s.refresh[out.RefreshToken] = login
	}
	return out
}

// Login is what a program holds after its user has signed in.
type Login struct {
	ClientID      string
	ClientSecret  credential.Secret
	ClientExpires time.Time
	AccessToken   credential.Secret
	RefreshToken  credential.Secret // empty where the Behaviour has none
	Expires       time.Time         // of the access token
}

// SignIn signs the user in without a browser and without a call.
func (s *Server) SignIn() Login {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.behaviour
	c := &client{
		id: text(22), secret: secret("", b), expires: b.now().Add(life(b.ClientLife, 90*24*time.Hour)),
		scopes: []string{"sso:account:access"}, grants: []string{codeGrant, refreshGrant},
		redirects: []string{"http://127.0.0.1/oauth/callback"},
	}
	s.clients[c.id] = c
	out := s.issue(&signIn{client: c.id, ends: b.now().Add(life(b.LoginLife, 8*time.Hour)), renewable: true})
	return Login{
		ClientID: c.id, ClientSecret: c.secret, ClientExpires: c.expires,
		AccessToken: credential.NewSecret(out.AccessToken), RefreshToken: credential.NewSecret(out.RefreshToken),
		Expires: s.access[out.AccessToken].expires,
	}
}

// CacheFile is the login as `aws sso login` leaves it below ~/.aws/sso/cache:
// the file's name, and what is in it. session names the sso-session; for the
// keys of old it is the start URL.
func (l Login) CacheFile(session string) (name string, content []byte) {
	sum := sha1.Sum([]byte(session))
	stamp := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	content, err := json.Marshal(struct {
		StartURL     string `json:"startUrl"`
		Region       string `json:"region"`
		AccessToken  string `json:"accessToken"`
		ExpiresAt    string `json:"expiresAt"`
		ClientID     string `json:"clientId"`
		ClientSecret string `json:"clientSecret"`
		Registration string `json:"registrationExpiresAt"`
		RefreshToken string `json:"refreshToken,omitempty"`
	}{
		StartURL, Region, l.AccessToken.Reveal(), stamp(l.Expires),
		l.ClientID, l.ClientSecret.Reveal(), stamp(l.ClientExpires), l.RefreshToken.Reveal(),
	})
	if err != nil {
		panic("identitycenter: " + err.Error()) // all of it is text
	}
	return hex.EncodeToString(sum[:]) + ".json", content
}

// secret makes one of the length that the real ones have, with the mark in it.
func secret(prefix string, b Behaviour) credential.Secret {
	n := cmp.Or(b.TokenSize, 1000)
	raw := make([]byte, n)
	rand.Read(raw)
	head := prefix + b.SecretMark
	return credential.NewSecret(head + base64.RawURLEncoding.EncodeToString(raw)[:max(n-len(head), 0)])
}

// text is n random characters that can be read aloud.
func text(n int) string {
	raw := make([]byte, n)
	rand.Read(raw)
	return base32.StdEncoding.EncodeToString(raw)[:n]
}
