package iam

import (
	"errors"
	"fmt"

	"understudy/internal/aws"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// Reasons why IAM rejected a request. Each is wrapped together with a Failure, which
// has the message for users.
var (
	ErrTwoKeys    = errors.New("the user has as many keys as AWS allows")
	ErrNoSuchKey  = errors.New("there is no such key")
	ErrNotAllowed = errors.New("no policy allows it")
)

// explain classifies an error of aws.Clients.Call. action is the name of IAM's
// operation, such as CreateAccessKey; what is the description of the request in
// messages.
func explain(what, action string, err error) error {
	if r, ok := errors.AsType[*aws.Refusal](err); ok {
		return refused(r, action)
	}
	if n, ok := errors.AsType[*aws.NoAnswer](err); ok {
		return unanswered(n, what)
	}
	return err // of the CA bundle
}

// refused classifies an error response of IAM.
func refused(r *aws.Refusal, action string) error {
	f := r.Failure
	switch {
	case r.Kind == aws.InvalidKey:
		f.Code, f.BaseRefused, f.Hint = wire.Denied, true, "the key is deleted, inactive, or not known to AWS yet"
	case r.Kind == aws.Clock:
		f.Hint = "set this machine's clock; it differs from AWS's by more than AWS allows"
	case r.Kind == aws.BadSignature:
		f.Code, f.Hint = wire.Denied, "the secret access key does not belong to its access key ID"
	case r.Kind == aws.NoPermission || r.Kind == aws.NeedsMFA:
		f.Code, f.Hint = wire.Denied, "a policy has to allow the user iam:"+action+" on itself"
		return knownError{f, ErrNotAllowed}
	case r.HasCode("LimitExceeded"):
		f.Code, f.Hint = wire.Denied, "delete the key that nobody uses: aws iam delete-access-key"
		return knownError{f, ErrTwoKeys}
	case r.HasCode("NoSuchEntity"):
		f.Code, f.Hint = wire.Denied, "see: aws iam list-access-keys"
		return knownError{f, ErrNoSuchKey}
	case !r.Busy() && r.Kind != aws.Throttled:
		f.Code, f.Hint = wire.Denied, "look at the user in IAM"
	}
	return f
}

// unanswered explains a request that IAM did not answer.
func unanswered(n *aws.NoAnswer, what string) error {
	f := n.Failure
	const network = "check the network, the VPN and the proxy"
	var cause string
	switch {
	case n.Untrusted != "":
		cause, f.Hint = n.Untrusted, n.UntrustedHint
	case n.Response != "":
		cause, f.Hint = "what answered "+n.Response+" is not IAM", "something answers in IAM's place: a login page of the network, a proxy, or a wrong endpoint_url"
	case n.TimedOut:
		cause, f.Hint = fmt.Sprintf("no answer from IAM within %d s", int(aws.Limit.Seconds())), network
	default:
		cause, f.Hint = n.Network, network
	}
	f.Reason = text.Clean(what + ": " + cause)
	return f
}

// knownError is a Failure that callers can tell from others.
type knownError struct {
	*credential.Failure
	is error
}

func (e knownError) Unwrap() []error { return []error{e.Failure, e.is} }
