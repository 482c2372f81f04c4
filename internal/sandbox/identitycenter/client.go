package identitycenter

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"understudy/internal/credential"
)

// DeviceGrant is the grant type of a device code.
const DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

const (
	codeGrant    = "authorization_code"
	refreshGrant = "refresh_token"
)

// client is a program that has registered.
type client struct {
	id        string
	secret    credential.Secret
	expires   time.Time
	scopes    []string // none means an old client, which gets no refresh token
	grants    []string
	redirects []string
}

type registerIn struct {
	ClientName   string   `json:"clientName"`
	ClientType   string   `json:"clientType"`
	Scopes       []string `json:"scopes"`
	RedirectURIs []string `json:"redirectUris"`
	GrantTypes   []string `json:"grantTypes"`
	IssuerURL    string   `json:"issuerUrl"`
}

type registerOut struct {
	ClientID  string `json:"clientId"`
	Secret    string `json:"clientSecret"`
	IssuedAt  int64  `json:"clientIdIssuedAt"`
	ExpiresAt int64  `json:"clientSecretExpiresAt"`
}

func (s *Server) registerClient(w http.ResponseWriter, r *http.Request) {
	var in registerIn
	err := read(r, &in)
	call := s.log.Take("RegisterClient", map[string]string{
		"clientName": in.ClientName, "scopes": strings.Join(in.Scopes, " "),
		"grantTypes": strings.Join(in.GrantTypes, " "), "redirectUris": strings.Join(in.RedirectURIs, " "),
	}, "")
	if s.faulty(w, r, call, false) {
		return
	}
	if err == nil {
		err = in.check()
	}
	if err != nil {
		s.finish(w, call, nil, err)
		return
	}
	s.mu.Lock()
	b := s.behaviour
	now := b.now()
	c := &client{
		id: text(22), secret: secret("", b), expires: now.Add(life(b.ClientLife, 90*24*time.Hour)),
		scopes: in.Scopes, grants: in.GrantTypes, redirects: in.RedirectURIs,
	}
	if len(c.grants) == 0 {
		c.grants = []string{DeviceGrant, refreshGrant}
	}
	s.clients[c.id] = c
	s.mu.Unlock()
	s.finish(w, call, registerOut{c.id, c.secret.Reveal(), now.Unix(), c.expires.Unix()}, nil)
}

func (in registerIn) check() error {
	switch {
	case in.ClientName == "":
		return refuse("invalid_client_metadata", "Client name is required")
	case in.ClientType != "public":
		return refuse("invalid_client_metadata", "Client type is not supported")
	}
	for _, scope := range in.Scopes {
		if !strings.Contains(scope, ":") {
			return refuse("invalid_scope", "Scope %s is not supported", scope)
		}
	}
	for _, g := range in.GrantTypes {
		if g != DeviceGrant && g != codeGrant && g != refreshGrant {
			return refuse("unsupported_grant_type", "Grant type %s is not supported", g)
		}
	}
	if !slices.Contains(in.GrantTypes, codeGrant) {
		return nil
	}
	if len(in.RedirectURIs) == 0 {
		return refuse("invalid_redirect_uri", "A redirect URI is required")
	}
	if in.IssuerURL != StartURL {
		return refuse("invalid_request", "Issuer URL is not known")
	}
	for _, text := range in.RedirectURIs {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Fragment != "" || !(u.Scheme == "https" || u.Scheme == "http" && loopback(u)) {
			return refuse("invalid_redirect_uri", "Redirect URI is not valid")
		}
	}
	return nil
}

// loopback tells an address of the machine itself from others, by number only:
// a name may be anybody's.
func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}

// mayGo reports whether the browser may be sent to target: a redirect URI that
// was registered, the port of a loopback one left open.
func (c *client) mayGo(target string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(c.redirects, func(text string) bool {
		known, err := url.Parse(text)
		if err != nil {
			return false
		}
		if text == target {
			return true
		}
		return loopback(known) && known.Scheme == u.Scheme && known.Hostname() == u.Hostname() &&
			known.EscapedPath() == u.EscapedPath() && known.RawQuery == u.RawQuery && u.User == nil && u.Fragment == ""
	})
}

// knownClient checks what a client says of itself. The caller must hold s.mu.
func (s *Server) knownClient(id, secret string) (*client, error) {
	c, ok := s.clients[id]
	if !ok || subtle.ConstantTimeCompare([]byte(secret), []byte(c.secret.Reveal())) == 0 {
		return nil, refuse("invalid_client", "Invalid client provided")
	}
	if !s.behaviour.now().Before(c.expires) {
		return nil, refuse("invalid_client", "Client registration has expired")
	}
	return c, nil
}
