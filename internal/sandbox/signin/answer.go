package signin

import (
	"encoding/json"
	"net/http"
)

// refusal is an error answer.
type refusal struct {
	status  int
	kind    string // the exception's name
	word    string // why, in the service's own list
	message string
}

func invalid(message string) *refusal {
	return &refusal{http.StatusBadRequest, "ValidationException", "INVALID_REQUEST", message}
}

// denied is an AccessDeniedException; the status is that of the reason.
func denied(word string) *refusal {
	r := &refusal{http.StatusForbidden, "AccessDeniedException", word, "Access is denied"}
	if word == "TOKEN_EXPIRED" {
		r.status, r.message = http.StatusUnauthorized, "The token has expired"
	}
	return r
}

// told is the error that a Fault asks for: its code is an exception's name, or
// the reason of a denial.
func told(status int, code, message string) *refusal {
	switch code {
	case "TOKEN_EXPIRED", "AUTHCODE_EXPIRED", "USER_CREDENTIALS_CHANGED", "INSUFFICIENT_PERMISSIONS":
		return denied(code)
	case "":
		switch {
		case status == http.StatusTooManyRequests:
			return &refusal{status, "TooManyRequestsError", "INVALID_REQUEST", message}
		case status >= 500:
			return &refusal{status, "InternalServerException", "server_error", message}
		}
		code = "ValidationException"
	}
	return &refusal{status, code, "INVALID_REQUEST", message}
}

func (r *refusal) send(w http.ResponseWriter) {
	w.Header().Set("X-Amzn-Errortype", r.kind)
	reply(w, r.status, map[string]string{"error": r.word, "message": r.message})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
