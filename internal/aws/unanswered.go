package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// service is an API of AWS, by its name in messages.
type service string

const (
	stsService            service = "STS"
	identityCenterService service = "Identity Center"
)

// format of the service's responses, as a part of the media type.
func (s service) format() string {
	if s == identityCenterService {
		return "json"
	}
	return "xml"
}

const (
	hintNetwork = "check the network, the VPN and the proxy; understudy asks again"
	hintPortal  = "something answers in the service's place: a login page of the network, a proxy, or a wrong endpoint_url"
	hintCA      = "if a company's proxy opens TLS here, name its CA: ca_bundle in the profile, or AWS_CA_BUNDLE where the daemon is started"
)

// unanswered explains a request that the service did not answer. The text of err
// is never passed on: it may hold a proxy's password or a part of a body.
func (s service) unanswered(ctx context.Context, what string, err error, seen *response) *credential.Failure {
	ended := ctx.Err() != nil
	switch {
	case ended && !errors.Is(context.Cause(ctx), errLimit):
		return failure(seen, what, "given up before "+seen.host+" answered, since the caller's time ran out", hintNetwork)
	case ended || isTimeout(err):
		phase := "connecting"
		if p := seen.phase.Load(); p != nil {
			phase = *p
		}
		return failure(seen, what, fmt.Sprintf("no answer from %s within %d s (%s)", seen.host, int(Limit.Seconds()), phase), hintNetwork)
	case errors.Is(err, errTooLarge):
		return failure(seen, what, fmt.Sprintf("%s answered with more than %d KiB: not an %s answer", seen.host, maxBody>>10, s), hintPortal)
	}
	if cause, hint := tlsCause(err); cause != "" {
		return failure(seen, what, fmt.Sprintf("no trusted connection to %s: %s", seen.host, cause), hint)
	}
	if seen.status != 0 {
		return s.unexpected(what, err, seen)
	}
	return failure(seen, what, networkCause(err, seen.host), hintNetwork)
}

// unexpected explains an HTTP response that is not the service's, or incomplete.
func (s service) unexpected(what string, err error, seen *response) *credential.Failure {
	switch {
	case seen.status >= 500 || seen.status == http.StatusTooManyRequests:
		return failure(seen, what, fmt.Sprintf("%s answered %s", seen.host, seen.kind()), string(s)+" could not answer; understudy asks again")
	case errors.Is(err, io.ErrUnexpectedEOF) && seen.status == http.StatusOK,
		seen.status == http.StatusOK && seen.hasType(s.format()):
		return failure(seen, what, "the answer of "+seen.host+" is cut short or malformed, so it is refused whole", hintPortal)
	}
	return failure(seen, what, fmt.Sprintf("%s answered %s: not an %s answer", seen.host, seen.kind(), s), hintPortal)
}

// failure is a Failure that may pass by itself.
func failure(seen *response, what, reason, hint string) *credential.Failure {
	return &credential.Failure{
		Code: wire.Temporary, Reason: text.Clean(what + ": " + reason), Hint: hint, RetryAfter: seen.retryAfter(),
	}
}
