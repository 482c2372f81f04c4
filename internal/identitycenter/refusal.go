package identitycenter

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ssooidc/types"
	"github.com/aws/smithy-go"

	"understudy/internal/aws"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// refusal is a Failure that came with an error code of the service.
type refusal struct {
	*credential.Failure
	code string
}

func (r *refusal) Unwrap() error { return r.Failure }

// codeOf is the service's code in err; empty where it said none.
func codeOf(err error) string {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.code
	}
	return ""
}

// refuse makes a Failure of an error of a Call: class says what a code means.
func refuse(what string, err error, got aws.Response, class func(code string) (wire.Code, string)) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return err // a Failure already
	}
	code := api.ErrorCode()
	f := &credential.Failure{RetryAfter: got.RetryAfter}
	f.Code, f.Hint = class(code)
	f.Reason = text.Clean(fmt.Sprintf("%s: %s", what, code))
	if said := described(err); said != "" {
		f.Reason = text.Clean(f.Reason + ": " + said)
	}
	return &refusal{f, code}
}

// described is what the service said beside the code, where that repeats nothing
// that was sent.
func described(err error) string {
	if e, ok := errors.AsType[*types.InvalidRequestException](err); ok && e.Error_description != nil {
		return *e.Error_description
	}
	if e, ok := errors.AsType[*types.InvalidScopeException](err); ok && e.Error_description != nil {
		return *e.Error_description
	}
	return ""
}

func classOIDC(code string) (wire.Code, string) {
	switch code {
	case "InvalidRequestException", "InvalidRequestRegionException", "InvalidScopeException", "InvalidClientMetadataException",
		"InvalidRedirectUriException", "UnsupportedGrantTypeException", "UnauthorizedClientException":
		return wire.BadConfig, "look at sso_start_url, sso_region and sso_registration_scopes: the region is that of Identity Center, not of the role"
	case "InvalidGrantException", "ExpiredTokenException", "AccessDeniedException":
		return wire.LoginNeeded, "try again: a person is asked to sign in"
	case "InvalidClientException":
		return wire.Temporary, "try again: understudy registers anew"
	case "SlowDownException":
		return wire.Temporary, "Identity Center is asked too often from here; understudy waits and asks again"
	}
	return wire.Temporary, "Identity Center could not answer; understudy asks again"
}

// ended reports whether err says that a token will never be renewed.
func ended(err error) bool {
	switch codeOf(err) {
	case "InvalidGrantException", "ExpiredTokenException", "AccessDeniedException", "InvalidClientException",
		"UnauthorizedClientException", "InvalidRequestException", "UnsupportedGrantTypeException":
		return true
	}
	return false
}

func (l *login) senseless() *credential.Failure {
	return &credential.Failure{Code: wire.Temporary, Reason: l.what() + ": the answer lacks something, so it is refused whole",
		Hint: "look at endpoint_url if the profile names one"}
}
