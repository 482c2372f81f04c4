package sandbox

import (
	"context"
	"net/http"

	"understudy/internal/sandbox/steer"
)

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req, err := parseRequest(r)
	call := s.record(req)
	b, changed := s.next(call.Action)
	if !steer.Pause(r.Context(), b.Delay) {
		panic(http.ErrAbortHandler)
	}
	if b.Silent {
		select {
		case <-r.Context().Done():
		case <-changed:
		}
		panic(http.ErrAbortHandler)
	}
	id := requestID()
	a, ok := b.fault(id)
	if !ok {
		a = s.answer(r.Context(), req, err, b, id)
	}
	s.note(call, a.status, a.code)
	w.Header().Set("X-Amzn-Requestid", id)
	w.Header().Set("Date", b.now().Format(http.TimeFormat))
	a.send(r.Context(), w, b.Drip)
}

// answer is what a healthy server says.
func (s *Server) answer(ctx context.Context, req *request, err error, b Behaviour, id string) answer {
	var result any
	if err == nil {
		if req.unsigned() {
			result, err = s.actUnsigned(req, b)
		} else {
			var p *principal
			if p, err = s.authenticate(ctx, req, b); err == nil {
				result, err = s.act(req, p, b)
			}
		}
	}
	if err != nil {
		return asRefusal(err).answer(id)
	}
	return b.cut(success(req, id, result))
}

// actUnsigned does what was asked by whoever carries a proof of somebody
// else's. The error is a *refusal.
func (s *Server) actUnsigned(req *request, b Behaviour) (any, error) {
	if req.params.Get("Action") == "AssumeRoleWithSAML" {
		return s.assumeWithSAML(req.params, b)
	}
	return s.assumeWithWebIdentity(req.params, b)
}

// act does what was asked. The error is a *refusal.
func (s *Server) act(req *request, p *principal, b Behaviour) (any, error) {
	if req.service() == "iam" {
		return s.manage(req.params, p, b)
	}
	switch action := req.params.Get("Action"); action {
	case "AssumeRole":
		return s.assumeRole(req.params, p, b)
	case "GetSessionToken":
		return s.getSessionToken(req.params, p, b)
	case "GetCallerIdentity":
		return identityXML{UserID: p.userID, Account: p.accountID, ARN: p.arn}, nil
	case "GetAccessKeyInfo":
		return s.getAccessKeyInfo(req.params)
	default:
		return nil, refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", action, apiVersion)
	}
}

// fault is the answer that does not depend on the request; ok is false when
// there is none.
func (b Behaviour) fault(id string) (a answer, ok bool) {
	switch {
	case b.Body != nil:
		a = answer{status: b.Status, kind: b.Body.Type, body: []byte(b.Body.Text), repeat: b.Body.Repeat}
		if a.status == 0 {
			a.status = http.StatusOK
		}
		if a.kind == "" {
			a.kind = "text/html"
		}
	case b.Status != 0 || b.Code != "":
		a = b.refusal().answer(id)
	default:
		return answer{}, false
	}
	a.retryAfter = b.RetryAfter
	return a, true
}

// refusal fills in what a Behaviour leaves open of an error answer.
func (b Behaviour) refusal() *refusal {
	r := &refusal{b.Status, b.Code, b.Message}
	if r.status == 0 {
		r.status = http.StatusBadRequest
		if r.code == "IDPRejectedClaim" {
			r.status = http.StatusForbidden
		}
	}
	if r.code == "" {
		switch {
		case r.status == http.StatusTooManyRequests:
			r.code = "Throttling"
		case r.status == http.StatusServiceUnavailable:
			r.code = "ServiceUnavailable"
		case r.status >= 500:
			r.code = "InternalFailure"
		default:
			r.code = "AccessDenied"
		}
	}
	switch {
	case r.message != "":
	case r.code == "IDPRejectedClaim":
		r.message = rejectedClaim
	case r.code == "IDPCommunicationError":
		r.message = "The identity provider (IDP) that was asked to verify the incoming identity token could not be reached."
	default:
		r.message = "The sandbox was told to answer with " + r.code
	}
	return r
}

// cut ends a good answer early where the Behaviour says so.
func (b Behaviour) cut(a answer) answer {
	switch b.Mutate {
	case CutXML:
		a.body = a.body[:len(a.body)/2]
	case CutBody:
		a.promise = len(a.body)
		a.body = a.body[:len(a.body)/2]
	}
	return a
}
