package sandbox

import (
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
	Params      url.Values // all of them but the MFA code and a signature
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
			if k != "TokenCode" && !strings.HasPrefix(k, "X-Amz-") {
				c.Params[k] = v
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	return c
}

// note completes the record of an answered call.
func (s *Server) note(c *Call, status int, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Status, c.Code = status, code
}
