package sandbox

import (
	"cmp"
	"net/url"
	"strings"
	"time"
)

// Call is one request the server has taken.
type Call struct {
	At          time.Time  // on the machine's clock
	Action      string     // "" when it could not be read
	RoleARN     string     // asked for
	SessionName string     // asked for
	AccessKeyID string     // that it says it was signed with
	Params      url.Values // all of them but the MFA code, the token or assertion, and a signature
	Proof       string     // of the MFA code with its device, the token or the assertion: the same for the same one; "" for none
	Repeats     int        // how many calls before had the same Proof
	Status      int        // answered; 0 while unanswered
	Code        string     // of an error answer
}

// Calls returns every call so far, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Call, len(s.calls))
	for i, c := range s.calls {
		out[i] = *c
	}
	return out
}

// Count returns how often action was called, whatever the answer.
func (s *Server) Count(action string) int {
	n := 0
	for _, c := range s.Calls() {
		if c.Action == action {
			n++
		}
	}
	return n
}

// record notes the call at its arrival, so that one never answered shows too.
func (s *Server) record(req *request) *Call {
	c := &Call{At: time.Now()}
	if req != nil {
		c.AccessKeyID = req.auth.keyID
		c.Action = req.params.Get("Action")
		c.RoleARN = req.params.Get("RoleArn")
		c.SessionName = req.params.Get("RoleSessionName")
		c.Params = url.Values{}
		for k, v := range req.params {
			switch {
			case k == "TokenCode", k == "WebIdentityToken", k == "SAMLAssertion", strings.HasPrefix(k, "X-Amz-"):
			default:
				c.Params[k] = v
			}
		}
		c.Proof, c.Repeats = s.proofs.See(proof(req.params))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	return c
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

// note completes the record of an answered call.
func (s *Server) note(c *Call, status int, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Status, c.Code = status, code
}
