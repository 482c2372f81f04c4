package aws

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// Refusal is an error response of AWS. Its Failure has AWS's own words in Reason;
// the caller may replace the Hint.
type Refusal struct {
	*credential.Failure
	Kind    Kind
	Code    string // such as AccessDenied
	Message string // as sent; it may repeat parts of the request
	Status  int    // of HTTP
}

func (r *Refusal) Unwrap() error { return r.Failure }

// Kind is what a Refusal means.
type Kind int

const (
	Other        Kind = iota // AWS could not answer, or the service has a code of its own for it
	InvalidKey               // the key is deleted, inactive or unknown, or its session has expired
	Clock                    // the clocks differ too much
	BadSignature             // the secret does not belong to the access key ID
	NeedsMFA                 // a policy requires an MFA code, or the code was rejected
	NoPermission             // no policy allows the call
	NoRegion                 // the region is not enabled
	BadRequest               // a parameter is invalid
	NotSigned                // the keys are missing or not authorized at all
	Throttled                // too many requests
)

// newRefusal makes a Refusal of an error of the SDK that holds an error response.
// secrets are removed from the message, in case the server repeats them.
func newRefusal(what string, err error, seen *response, secrets []string) *Refusal {
	api, _ := errors.AsType[smithy.APIError](err)
	r := &Refusal{Code: api.ErrorCode(), Message: api.ErrorMessage(), Status: seen.status}
	r.Kind = r.kind()
	r.Failure = &credential.Failure{
		Code:       wire.Temporary,
		Reason:     text.Clean(fmt.Sprintf("%s: %s: %s", what, r.Code, without(r.Message, secrets))),
		Hint:       "try again",
		RetryAfter: seen.retryAfter(),
	}
	return r
}

// TooLong reports whether STS rejected the duration of the session, and nothing
// else.
func (r *Refusal) TooLong() bool {
	return r.HasCode("ValidationError", "ValidationException") && strings.Contains(r.Message, "DurationSeconds")
}

// WrongCode reports whether STS rejected the MFA code.
func (r *Refusal) WrongCode() bool {
	return strings.Contains(r.Message, "MultiFactorAuthentication failed")
}

// OfClock reports whether AWS rejected the time of the request.
func (r *Refusal) OfClock() bool {
	return r.HasCode("RequestTimeTooSkewed", "RequestExpired") ||
		r.HasCode("SignatureDoesNotMatch", "InvalidSignatureException") &&
			(strings.Contains(r.Message, "Signature expired") || strings.Contains(r.Message, "not yet current"))
}

// HasCode reports whether the error code is one of these.
func (r *Refusal) HasCode(codes ...string) bool { return slices.Contains(codes, r.Code) }

// Busy reports whether the status of the response says that the server could not
// answer now.
func (r *Refusal) Busy() bool {
	return r.Status >= 500 || r.Status == http.StatusTooManyRequests
}

// kind classifies an error response by the codes that AWS services share.
func (r *Refusal) kind() Kind {
	switch {
	case r.HasCode("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"):
		return InvalidKey
	case r.OfClock():
		return Clock
	case r.HasCode("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"):
		return BadSignature
	case strings.HasPrefix(r.Code, "AccessDenied") && strings.Contains(r.Message, "MultiFactorAuthentication"):
		return NeedsMFA
	case strings.HasPrefix(r.Code, "AccessDenied"):
		return NoPermission
	case r.HasCode("RegionDisabledException", "OptInRequired"):
		return NoRegion
	case r.HasCode("ValidationError", "ValidationException", "MalformedPolicyDocument", "MalformedPolicyDocumentException",
		"PackedPolicyTooLarge", "PackedPolicyTooLargeException", "InvalidParameterValue", "InvalidParameterCombination",
		"MissingParameter", "InvalidAction", "MalformedQueryString"):
		return BadRequest
	case r.HasCode("MissingAuthenticationToken", "MissingAuthenticationTokenException", "AuthFailure", "NotAuthorized"):
		return NotSigned
	case r.Status == http.StatusTooManyRequests || strings.HasPrefix(r.Code, "Throttl") ||
		r.HasCode("RequestLimitExceeded", "TooManyRequestsException", "BandwidthLimitExceeded", "SlowDown"):
		return Throttled
	}
	return Other
}

// explain sets the code and the hint of the Failure of an error response of STS.
func (r *Refusal) explain(op Purpose, region string) {
	f := r.Failure
	switch r.Kind {
	case InvalidKey:
		f.Code, f.BaseRefused, f.Hint = wire.Denied, true, op.Owner+" gave an access key that STS does not take"
		if r.Code == "InvalidClientTokenId" {
			f.Hint = fmt.Sprintf("the access key of %s is deleted or inactive, or belongs to another partition than region %s", op.Owner, region)
		}
	case Clock:
		f.Code, f.Hint = wire.Temporary, "set this machine's clock; it differs from STS's by more than STS allows"
	case BadSignature:
		f.Code, f.Hint = wire.Denied, fmt.Sprintf("the secret access key of %s does not belong to its access key ID", op.Owner)
	case NeedsMFA:
		f.Code, f.Hint = wire.LoginNeeded, "STS wants an MFA code with this call"
	case NoPermission:
		f.Code, f.Hint = wire.Denied, fmt.Sprintf("the keys of %s may not be used for a session; see the policies of their user", op.Owner)
	case NoRegion:
		f.Code, f.Hint = wire.Denied, "an administrator switches STS on for the region; or write another region into the profile"
	case BadRequest:
		f.Code, f.Hint = wire.BadConfig, "look at the parameters of the profile at "+op.At
	case NotSigned:
		f.Code, f.Hint = wire.Denied, "look at the keys of "+op.Owner
	case Throttled:
		f.Code, f.Hint = wire.Temporary, "STS is asked too often from this account; understudy waits and asks again"
	default:
		f.Code, f.Hint = wire.Temporary, "STS could not answer; understudy asks again"
	}
}

// without removes secrets from a message.
func without(message string, secrets []string) string {
	for _, s := range secrets {
		if s != "" {
			message = strings.ReplaceAll(message, s, "[key]")
		}
	}
	return message
}
