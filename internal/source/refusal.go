package source

import (
	"context"
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

// refusal is a Failure that came with an error code of STS's, kept while the
// call may still act on it.
type refusal struct {
	*credential.Failure
	code, message string
}

// unwrapRefusal gives a caller the plain Failure.
func unwrapRefusal(err error) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.Failure
	}
	return err
}

// tooLong reports whether STS refused the duration, and nothing else.
func tooLong(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && isOneOf(r.code, "ValidationError", "ValidationException") && strings.Contains(r.message, "DurationSeconds")
}

// explain classifies what went wrong with a call.
func (c *call) explain(ctx, within context.Context, err error, seen *answer, with shown) error {
	if !seen.fromSTS(err) {
		return c.unreached(ctx, within, err, seen)
	}
	api, _ := errors.AsType[smithy.APIError](err)
	code, message := api.ErrorCode(), api.ErrorMessage()
	f := c.class(code, message, seen.status)
	f.Reason = text.Clean(fmt.Sprintf("%s: %s: %s", c.what, code, withoutKeys(message, with.secrets())))
	f.RetryAfter = seen.retryAfter()
	return &refusal{f, code, message}
}

// class says what a refusal means and what to do about it.
func (c *call) class(code, message string, status int) *credential.Failure {
	if c.proof != nil {
		if f := c.proof.class(code); f != nil {
			return f
		}
	}
	switch {
	case isOneOf(code, "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"):
		return &credential.Failure{Code: wire.Denied, Hint: c.badSigner(code), BaseRefused: true}
	case isClock(code, message):
		return &credential.Failure{Code: wire.Temporary, Hint: "set this machine's clock; it differs from STS's by more than STS allows"}
	case code == "SignatureDoesNotMatch", code == "InvalidSignatureException", code == "IncompleteSignature":
		return &credential.Failure{Code: wire.Denied, Hint: fmt.Sprintf("the secret access key of %s does not belong to its access key ID", c.signer.whose())}
	case strings.HasPrefix(code, "AccessDenied"):
		if strings.Contains(message, "MultiFactorAuthentication") {
			return &credential.Failure{Code: wire.LoginNeeded, Hint: "STS wants an MFA code with this call"}
		}
		if c.role == nil {
			return &credential.Failure{Code: wire.Denied, Hint: fmt.Sprintf("the keys of %s may not be used for a session; see the policies of their user", c.signer.whose())}
		}
		return &credential.Failure{Code: wire.Denied, Hint: c.role.agree()}
	case code == "RegionDisabledException", code == "OptInRequired":
		return &credential.Failure{Code: wire.Denied, Hint: "an administrator switches STS on for the region; or write another region into the profile"}
	case isOneOf(code, "ValidationError", "ValidationException", "MalformedPolicyDocument", "MalformedPolicyDocumentException",
		"PackedPolicyTooLarge", "PackedPolicyTooLargeException", "InvalidParameterValue", "InvalidParameterCombination",
		"MissingParameter", "InvalidAction", "MalformedQueryString"):
		return &credential.Failure{Code: wire.BadConfig, Hint: "look at the parameters of the profile at " + c.at}
	case isOneOf(code, "MissingAuthenticationToken", "MissingAuthenticationTokenException", "AuthFailure", "NotAuthorized"):
		return &credential.Failure{Code: wire.Denied, Hint: "look at the keys of " + c.signer.whose()}
	case status == http.StatusTooManyRequests || strings.HasPrefix(code, "Throttl") ||
		isOneOf(code, "RequestLimitExceeded", "TooManyRequestsException", "BandwidthLimitExceeded", "SlowDown"):
		return &credential.Failure{Code: wire.Temporary, Hint: "STS is asked too often from this account; understudy waits and asks again"}
	}
	return &credential.Failure{Code: wire.Temporary, Hint: "STS could not answer; understudy asks again"}
}

// agree is the hint for a role that may not be assumed: who has to allow it, and
// what was sent for them to look at. The external ID itself is nobody else's
// business.
func (q *request) agree() string {
	external := "no external_id was sent"
	if q.externalID != "" {
		external = "sent: external_id of " + q.externalAt
	}
	tags := ""
	if len(q.tags) > 0 {
		tags = " and its tags"
	}
	return text.Clean(fmt.Sprintf("the caller needs sts:AssumeRole, and the role's trust policy has to allow the caller%s; %s, session name %s",
		tags, external, q.sessionName))
}

// isClock reports whether STS complains of the time of a request.
func isClock(code, message string) bool {
	if isOneOf(code, "RequestTimeTooSkewed", "RequestExpired") {
		return true
	}
	return isOneOf(code, "SignatureDoesNotMatch", "InvalidSignatureException") &&
		(strings.Contains(message, "Signature expired") || strings.Contains(message, "not yet current"))
}

// badSigner is the hint for credentials that STS does not take.
func (c *call) badSigner(code string) string {
	switch {
	case c.signer.plan != nil:
		return fmt.Sprintf("the session of profile %q has ended or was revoked; a new one is fetched with the next call", c.signer.profile)
	case c.signer.temporary:
		return fmt.Sprintf("the temporary keys of %s have ended; write new ones", c.signer.whose())
	case code == "InvalidClientTokenId":
		return fmt.Sprintf("the access key of %s is deleted or inactive, or belongs to another partition than region %s", c.signer.whose(), c.to.region)
	case c.signer.owner != "":
		return c.signer.owner + " gave an access key that STS does not take"
	}
	return fmt.Sprintf("write a valid access key into profile %q: aws configure --profile %s", c.signer.profile, c.signer.profile)
}

// withoutKeys takes out of a message what was sent with the request, should the
// server repeat it.
func withoutKeys(message string, sent []string) string {
	for _, k := range sent {
		if k != "" {
			message = strings.ReplaceAll(message, k, "[key]")
		}
	}
	return message
}

func isOneOf(s string, all ...string) bool {
	return slices.Contains(all, s)
}
