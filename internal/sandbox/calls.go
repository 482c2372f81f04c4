package sandbox

import (
	"cmp"
	"net/url"
	"strings"

	"understudy/internal/sandbox/steer"
)

// Calls returns every call so far, oldest first. Params lacks the MFA code, web identity
// token, assertion and signature; Proof is made from the code, token or assertion.
func (s *Server) Calls() []steer.Call { return s.log.Calls() }

// Count returns how often action was called, whatever the answer.
func (s *Server) Count(action string) int { return s.log.Count(action) }

// record notes the call at its arrival; req is nil if nothing of it could be read.
func (s *Server) record(req *request) *steer.Call {
	if req == nil {
		return s.log.Take("", nil, "")
	}
	params := map[string]string{}
	for k := range req.params {
		switch {
		case k == "TokenCode", k == "WebIdentityToken", k == "SAMLAssertion", strings.HasPrefix(k, "X-Amz-"):
		default:
			params[k] = req.params.Get(k)
		}
	}
	return s.log.TakeSigned(req.auth.keyID, req.params.Get("Action"), params, proof(req.params))
}

// proof is what a call may carry beside its signature: one of an MFA code, which
// means something only with its device, a web identity token and an assertion.
func proof(v url.Values) string {
	code := v.Get("TokenCode")
	if code != "" {
		code = v.Get("SerialNumber") + " " + code
	}
	return cmp.Or(code, v.Get("WebIdentityToken"), v.Get("SAMLAssertion"))
}
