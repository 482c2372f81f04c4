package sandbox

import (
	"fmt"
	"net/http"
)

// refusal is an error answer: an HTTP status, and the code and message of the
// XML.
type refusal struct {
	status  int
	code    string
	message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status, code, fmt.Sprintf(format, args...)}
}

// invalid is what STS says of a parameter that breaks a rule of its own.
func invalid(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, "ValidationError", format, args...)
}

// constraint is what STS's parameter check says, which shows the value but for
// a secret one.
func constraint(value any, at, rule string) *refusal {
	shown := "null"
	if value != nil {
		shown = fmt.Sprintf("'%v'", value)
	}
	return invalid("1 validation error detected: Value %s at '%s' failed to satisfy constraint: Member must %s", shown, at, rule)
}

// denied is the answer to what no policy allows.
func denied(format string, args ...any) *refusal {
	return refuse(http.StatusForbidden, "AccessDenied", format, args...)
}
