package identitycenter

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"regexp"
	"slices"
	"time"
)

type tokenIn struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	GrantType    string `json:"grantType"`
	DeviceCode   string `json:"deviceCode"`
	Code         string `json:"code"`
	CodeVerifier string `json:"codeVerifier"`
	RedirectURI  string `json:"redirectUri"`
	RefreshToken string `json:"refreshToken"`
}

type tokenOut struct {
	AccessToken  string `json:"accessToken"`
	TokenType    string `json:"tokenType"`
	ExpiresIn    int    `json:"expiresIn"`
	RefreshToken string `json:"refreshToken,omitempty"`
}

func (s *Server) createToken(w http.ResponseWriter, r *http.Request) {
	var in tokenIn
	err := read(r, &in)
	proof := in.DeviceCode + in.Code + in.RefreshToken // one of them
	call := s.log.Take("CreateToken", map[string]string{"clientId": in.ClientID, "grantType": in.GrantType}, proof)
	if s.faulty(w, r, call, false) {
		return
	}
	if err != nil {
		s.finish(w, call, nil, err)
		return
	}
	out, err := s.token(in)
	s.finish(w, call, out, err)
}

func (s *Server) token(in tokenIn) (tokenOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.knownClient(in.ClientID, in.ClientSecret)
	if err != nil {
		return tokenOut{}, err
	}
	switch in.GrantType {
	case DeviceGrant, codeGrant, refreshGrant:
	default:
		return tokenOut{}, refuse("unsupported_grant_type", "Grant type is not supported")
	}
	if !slices.Contains(c.grants, in.GrantType) {
		return tokenOut{}, refuse("unauthorized_client", "Client is not allowed the grant type")
	}
	b := s.behaviour
	login := &signIn{client: c.id, ends: b.now().Add(life(b.LoginLife, 8*time.Hour)), renewable: len(c.scopes) > 0}
	switch in.GrantType {
	case DeviceGrant:
		err = s.poll(c, in.DeviceCode)
	case codeGrant:
		err = s.redeem(c, in)
	case refreshGrant:
		login, err = s.renew(c, in.RefreshToken)
	}
	if err != nil {
		return tokenOut{}, err
	}
	return s.issue(login), nil
}

// verifierShape is what PKCE has for a verifier.
var verifierShape = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// redeem takes up an authorization code, which works once, for the client it
// was given to and for whoever knows the verifier. The caller must hold s.mu.
func (s *Server) redeem(c *client, in tokenIn) error {
	k, ok := s.codes[in.Code]
	if !ok || k.client != c.id {
		return refuse("invalid_grant", "Invalid authorization code provided")
	}
	delete(s.codes, in.Code)
	sum := sha256.Sum256([]byte(in.CodeVerifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case !s.behaviour.now().Before(k.expires):
		return refuse("invalid_grant", "Authorization code has expired")
	case in.RedirectURI != k.redirect:
		return refuse("invalid_grant", "Redirect URI does not match")
	case !verifierShape.MatchString(in.CodeVerifier), subtle.ConstantTimeCompare([]byte(challenge), []byte(k.challenge)) == 0:
		return refuse("invalid_grant", "Code verifier does not match")
	}
	return nil
}

// renew takes up a refresh token, which works once. The caller must hold s.mu.
func (s *Server) renew(c *client, token string) (*signIn, error) {
	login, ok := s.refresh[token]
	if !ok || login.client != c.id || !s.behaviour.now().Before(login.ends) {
		return nil, refuse("invalid_grant", "Invalid refresh token provided")
	}
	delete(s.refresh, token)
	return login, nil
}
