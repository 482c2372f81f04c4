package sandbox

import (
	"errors"
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

// constraint is what STS's parameter check says; a nil value is one not given.
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

func notAuthorized(action string, p *principal, resource string) *refusal {
	return denied("User: %s is not authorized to perform: sts:%s on resource: %s", p.arn, action, resource)
}

// asRefusal makes an answer of any error.
func asRefusal(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return refuse(http.StatusInternalServerError, "InternalFailure", "%v", err)
}
