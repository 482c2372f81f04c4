package identitycenter

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// code is an authorization code: leave that was given and not yet taken up.
type code struct {
	client    string
	redirect  string
	challenge string // S256 of PKCE
	expires   time.Time
}

// authorize is the page that a browser is sent to. What is wrong with the
// client or with where to go back to is told here, all else where it came from.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	call := s.log.Take("Authorize", map[string]string{
		"method": r.Method, "client_id": q.Get("client_id"), "redirect_uri": q.Get("redirect_uri"), "scopes": q.Get("scopes"),
		"code_challenge_method": q.Get("code_challenge_method"), "response_type": q.Get("response_type"),
	}, q.Get("state"))
	if s.faulty(w, r, call, false) {
		return
	}
	s.mu.Lock()
	c := s.clients[q.Get("client_id")]
	says := s.says(r)
	s.mu.Unlock()
	target, err := url.Parse(q.Get("redirect_uri"))
	if c == nil || err != nil || !c.mayGo(q.Get("redirect_uri")) {
		s.page(w, call, http.StatusBadRequest, "The client or its redirect URI is not known.", "")
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	refused := c.checkAuthorize(q)
	switch {
	case refused != nil:
	case says == Denies:
		refused = refuse("access_denied", "User denied the request")
	case says == Waits, says == Nothing:
		s.page(w, call, http.StatusOK, askLeave, "")
		return
	}
	if refused != nil {
		back.Set("error", refused.word)
		back.Set("error_description", refused.message)
	} else {
		back.Set("code", s.newCode(c, q))
	}
	target.RawQuery = back.Encode()
	s.log.Note(call, http.StatusFound, back.Get("error"))
	http.Redirect(w, r, target.String(), http.StatusFound)
}

// checkAuthorize checks what the address asks for.
func (c *client) checkAuthorize(q url.Values) *refusal {
	challenge, err := base64.RawURLEncoding.DecodeString(q.Get("code_challenge"))
	switch {
	case !slices.Contains(c.grants, codeGrant):
		return refuse("unauthorized_client", "Client is not allowed the grant type")
	case q.Get("response_type") != "code":
		return refuse("invalid_request", "Response type is not supported")
	case q.Get("state") == "":
		return refuse("invalid_request", "State is required")
	case q.Get("code_challenge_method") != "S256" || err != nil || len(challenge) != 32:
		return refuse("invalid_request", "Code challenge is not valid")
	}
	for scope := range strings.FieldsSeq(q.Get("scopes")) {
		if !slices.Contains(c.scopes, scope) {
			return refuse("invalid_scope", "Scope %s was not registered", scope)
		}
	}
	return nil
}

func (s *Server) newCode(c *client, q url.Values) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.behaviour
	v := secret("", b).Reveal()
	s.codes[v] = &code{
		client: c.id, redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"),
		expires: b.now().Add(life(b.CodeLife, time.Minute)),
	}
	return v
}
