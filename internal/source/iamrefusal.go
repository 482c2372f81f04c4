package source

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// What IAM may refuse a change of keys for, as callers can tell it apart. The
// Failure beside it has the words for people.
var (
	ErrTwoKeys    = errors.New("the user has as many keys as AWS allows")
	ErrNoSuchKey  = errors.New("there is no such key")
	ErrNotAllowed = errors.New("no policy allows it")
)

// explain classifies what IAM says, or what kept it from saying anything.
func (i *Issuer) explain(action string, err error, seen *answer, secrets []string) error {
	what := fmt.Sprintf("%s for keys of %q: ", action, i.profile)
	f := &credential.Failure{Code: wire.Temporary, Hint: "try again", RetryAfter: seen.retryAfter()}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || !seen.fromSTS(err) {
		cause, hint := tlsCause(err)
		switch {
		case cause != "":
			f.Hint = hint
		case seen.status != 0:
			cause, f.Hint = "what answered "+seen.kind()+" is not IAM", "something answers in IAM's place: a login page of the network, a proxy, or a wrong endpoint_url"
		case isTimeout(err):
			cause, f.Hint = fmt.Sprintf("no answer from IAM within %d s", int(tryLimit.Seconds())), "check the network, the VPN and the proxy"
		default:
			cause, f.Hint = networkCause(err, seen.host), "check the network, the VPN and the proxy"
		}
		f.Reason = text.Clean(what + cause)
		return f
	}
	code, message := api.ErrorCode(), api.ErrorMessage()
	f.Reason = text.Clean(what + code + ": " + withoutKeys(message, secrets))
	switch {
	case isOneOf(code, "InvalidClientTokenId", "ExpiredToken", "UnrecognizedClientException"):
		f.Code, f.BaseRefused, f.Hint = wire.Denied, true, "the key is deleted, inactive, or not known to AWS yet"
	case isClock(code, message):
		f.Hint = "set this machine's clock; it differs from AWS's by more than AWS allows"
	case isOneOf(code, "SignatureDoesNotMatch", "IncompleteSignature", "InvalidSignatureException"):
		f.Code, f.Hint = wire.Denied, "the secret access key does not belong to its access key ID"
	case isOneOf(code, "AccessDenied", "AccessDeniedException"):
		f.Code, f.Hint = wire.Denied, "a policy has to allow the user iam:"+action+" on itself"
		return explained{f, ErrNotAllowed}
	case code == "LimitExceeded":
		f.Code, f.Hint = wire.Denied, "delete the key that nobody uses: aws iam delete-access-key"
		return explained{f, ErrTwoKeys}
	case code == "NoSuchEntity":
		f.Code, f.Hint = wire.Denied, "see: aws iam list-access-keys"
		return explained{f, ErrNoSuchKey}
	case seen.status < 500 && seen.status != http.StatusTooManyRequests && !isOneOf(code, "Throttling", "ThrottlingException", "RequestLimitExceeded"):
		f.Code, f.Hint = wire.Denied, "look at the user in IAM"
	}
	return f
}

// explained is a Failure that callers tell from others.
type explained struct {
	*credential.Failure
	is error
}

func (e explained) Unwrap() []error { return []error{e.Failure, e.is} }
