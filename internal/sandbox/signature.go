package sandbox

import (
	"context"
	"crypto/subtle"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const defaultWindow = 15 * time.Minute

// authenticate finds who signed the call and checks that they did: the key,
// the session's token and end, the clock, and the signature itself. Its error
// is a *refusal.
func (s *Server) authenticate(ctx context.Context, req *request, b Behaviour) (*principal, error) {
	p, ok := s.principal(req.auth.keyID)
	if !ok || subtle.ConstantTimeCompare([]byte(req.token), []byte(p.token.Reveal())) == 0 {
		return nil, refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	if want := req.service(); req.auth.service != want {
		return nil, mismatch("Credential should be scoped to correct service: '" + want + "'.")
	}
	if day := req.at.Format("20060102"); day != req.auth.date {
		return nil, mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			req.auth.date + "' != '" + day + "', from '" + req.at.Format(amzDate) + "'.")
	}
	now := b.now()
	if err := b.checkClock(req.at, now); err != nil {
		return nil, err
	}
	if want, err := s.sign(ctx, req, p); err != nil || subtle.ConstantTimeCompare([]byte(want), []byte(req.auth.signature)) == 0 {
		return nil, mismatch("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	if p.temporary() && !now.Before(p.expires) {
		return nil, refuse(http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired")
	}
	if !s.use(p.keyID, now) {
		return nil, refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	return p, nil
}

// checkClock refuses a signature made too long ago or ahead of the server's
// clock, in STS's words.
func (b Behaviour) checkClock(at, now time.Time) error {
	window := b.Window
	if window == 0 {
		window = defaultWindow
	}
	minutes := strconv.FormatFloat(window.Minutes(), 'f', -1, 64)
	first, last := now.Add(-window), now.Add(window)
	var r *refusal
	switch {
	case at.Before(first):
		r = mismatch("Signature expired: " + at.Format(amzDate) + " is now earlier than " + first.Format(amzDate) +
			" (" + now.Format(amzDate) + " - " + minutes + " min.)")
	case at.After(last):
		r = mismatch("Signature not yet current: " + at.Format(amzDate) + " is still later than " + last.Format(amzDate) +
			" (" + now.Format(amzDate) + " + " + minutes + " min.)")
	default:
		return nil
	}
	if b.SkewCode != "" {
		r = refuse(http.StatusForbidden, b.SkewCode, "The difference between the request time and the current time is too large.")
	}
	return r
}

// sign makes the signature that p's secret gives over what the caller says it
// signed, with the SDK's own signer.
func (s *Server) sign(ctx context.Context, req *request, p *principal) (string, error) {
	again, err := http.NewRequestWithContext(ctx, req.http.Method, "http://"+req.http.Host+req.http.URL.RequestURI(), nil)
	if err != nil {
		return "", err
	}
	if req.http.TLS != nil {
		again.URL.Scheme = "https"
	}
	for _, name := range req.auth.headers {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = req.http.ContentLength
		default:
			if v := req.http.Header.Values(name); len(v) > 0 {
				again.Header[http.CanonicalHeaderKey(name)] = slices.Clone(v)
			}
		}
	}
	keys := aws.Credentials{AccessKeyID: p.keyID, SecretAccessKey: p.secret.Reveal()}
	if slices.Contains(req.auth.headers, "x-amz-security-token") {
		keys.SessionToken = p.token.Reveal()
	}
	if err := s.signer.SignHTTP(ctx, keys, again, req.bodyHash, req.auth.service, req.auth.region, req.at); err != nil {
		return "", err
	}
	_, signature, _ := strings.Cut(again.Header.Get("Authorization"), "Signature=")
	return signature, nil
}

func mismatch(message string) *refusal {
	return refuse(http.StatusForbidden, "SignatureDoesNotMatch", "%s", message)
}
