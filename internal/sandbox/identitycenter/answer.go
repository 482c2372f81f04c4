package identitycenter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"understudy/internal/sandbox/steer"
)

// refusal is an error answer of either service.
type refusal struct {
	status  int
	kind    string // the exception's name
	word    string // OAuth's name for it; "" for the portal, which has none
	message string
}

func (r *refusal) Error() string { return r.kind + ": " + r.message }

// words are the exceptions of the OIDC service, by OAuth's names.
var words = map[string]string{
	"access_denied":           "AccessDeniedException",
	"authorization_pending":   "AuthorizationPendingException",
	"expired_token":           "ExpiredTokenException",
	"invalid_client":          "InvalidClientException",
	"invalid_client_metadata": "InvalidClientMetadataException",
	"invalid_grant":           "InvalidGrantException",
	"invalid_redirect_uri":    "InvalidRedirectUriException",
	"invalid_request":         "InvalidRequestException",
	"invalid_scope":           "InvalidScopeException",
	"server_error":            "InternalServerException",
	"slow_down":               "SlowDownException",
	"unauthorized_client":     "UnauthorizedClientException",
	"unsupported_grant_type":  "UnsupportedGrantTypeException",
}

// refuse is an error of the OIDC service.
func refuse(word, format string, args ...any) *refusal {
	status := http.StatusBadRequest
	switch word {
	case "invalid_client":
		status = http.StatusUnauthorized
	case "server_error":
		status = http.StatusInternalServerError
	}
	return &refusal{status, words[word], word, fmt.Sprintf(format, args...)}
}

// turnAway is an error of the portal.
func turnAway(status int, kind, message string) *refusal {
	return &refusal{status: status, kind: kind, message: message}
}

// told is the error that a Fault asks for: its code may be either name.
func told(status int, code, message string, portal bool) *refusal {
	r := &refusal{status, code, "", message}
	if r.kind == "" {
		switch {
		case status == http.StatusTooManyRequests && portal:
			r.kind = "TooManyRequestsException"
		case status == http.StatusTooManyRequests:
			r.kind = "SlowDownException"
		case status >= 500:
			r.kind = "InternalServerException"
		case portal:
			r.kind = "UnauthorizedException"
		default:
			r.kind = "AccessDeniedException"
		}
	}
	if portal {
		return r
	}
	for word, kind := range words {
		if code == word || r.kind == kind {
			r.kind, r.word = kind, word
		}
	}
	return r
}

func (r *refusal) send(w http.ResponseWriter) {
	w.Header().Set("X-Amzn-Errortype", r.kind)
	if r.word != "" {
		reply(w, r.status, map[string]string{"error": r.word, "error_description": r.message})
		return
	}
	reply(w, r.status, map[string]string{"message": r.message, "__type": "com.amazonaws.switchboard.portal#" + r.kind})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

const maxBody = 64 << 10 // bytes

// read decodes the JSON of a call into v.
func read(r *http.Request, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil || json.Unmarshal(body, v) != nil {
		return refuse("invalid_request", "The request could not be read")
	}
	return nil
}

// finish sends what an operation has come to, and completes its record.
func (s *Server) finish(w http.ResponseWriter, c *steer.Call, v any, err error) {
	var r *refusal
	switch {
	case err == nil:
		s.log.Note(c, http.StatusOK, "")
		reply(w, http.StatusOK, v)
		return
	case !errors.As(err, &r):
		r = refuse("server_error", "%v", err)
	}
	s.log.Note(c, r.status, r.kind)
	r.send(w)
}

// faulty shows the fault of op and reports whether that was the answer.
func (s *Server) faulty(w http.ResponseWriter, r *http.Request, c *steer.Call, portal bool) bool {
	return s.gate.Show(w, r, &s.log, c, func(status int, code, message string) {
		s.finish(w, c, nil, told(status, code, message, portal))
	})
}
