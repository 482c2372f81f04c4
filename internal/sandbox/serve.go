package sandbox

import (
	"cmp"
	"context"
	"net/http"
)

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req, err := parseRequest(r)
	call := s.record(req)
	b := s.current(call.Op)
	id := requestID()
	w.Header().Set("X-Amzn-Requestid", id)
	w.Header().Set("Date", b.now().Format(http.TimeFormat))
	if b.Drip > 0 {
		w = dripping{w, r.Context(), b.Drip}
	}
	send := func(a answer) {
		s.log.Note(call, a.status, a.code)
		a.send(w)
	}
	if s.gate.Show(w, r, &s.log, call, func(status int, code, message string) {
		send((&refusal{status, cmp.Or(code, codeFor(status)), message}).answer(id))
	}) {
		return
	}
	send(s.answer(r.Context(), req, err, b, id))
}

// codeFor returns the code of an error whose Fault sets none.
func codeFor(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "Throttling"
	case status == http.StatusServiceUnavailable:
		return "ServiceUnavailable"
	case status >= 500:
		return "InternalFailure"
	}
	return "AccessDenied"
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
