package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// errand is one call to a service, as people are told of it.
type errand struct {
	what    string // is done: assume role "arn:..."
	service string // that is asked
	data    string // what it answers with, as a part of a media type
}

func (c *call) errand() errand { return errand{c.what, "STS", "xml"} }

func (c *call) unreached(ctx, within context.Context, err error, seen *answer) error {
	return c.errand().unreached(ctx, within, err, seen)
}

func (c *call) temporary(seen *answer, reason, hint string) *credential.Failure {
	return c.errand().temporary(seen, reason, hint)
}

// unreached explains a call that got no answer of the service's. The inner
// error's own text is never passed on: it may hold a proxy's password or a piece
// of a body.
func (e errand) unreached(ctx, within context.Context, err error, seen *answer) error {
	switch {
	case ctx.Err() != nil:
		return e.temporary(seen, "given up before "+seen.host+" answered, since the caller's time ran out", hintNetwork)
	case within.Err() != nil || isTimeout(err):
		doing := "connecting"
		if p := seen.phase.Load(); p != nil {
			doing = *p
		}
		return e.temporary(seen, fmt.Sprintf("no answer from %s within %d s (%s)", seen.host, int(tryLimit.Seconds()), doing), hintNetwork)
	case errors.Is(err, errTooLarge):
		return e.temporary(seen, fmt.Sprintf("%s answered with more than %d KiB: not an %s answer", seen.host, maxBody>>10, e.service), hintPortal)
	}
	if cause, hint := tlsCause(err); cause != "" {
		return e.temporary(seen, fmt.Sprintf("no trusted connection to %s: %s", seen.host, cause), hint)
	}
	if seen.status != 0 {
		return e.strange(err, seen)
	}
	return e.temporary(seen, networkCause(err, seen.host), hintNetwork)
}

const (
	hintNetwork = "check the network, the VPN and the proxy; understudy asks again"
	hintPortal  = "something answers in the service's place: a login page of the network, a proxy, or a wrong endpoint_url"
	hintCA      = "if a company's proxy opens TLS here, name its CA: ca_bundle in the profile, or AWS_CA_BUNDLE where the daemon is started"
)

func (e errand) temporary(seen *answer, reason, hint string) *credential.Failure {
	return &credential.Failure{
		Code:       wire.Temporary,
		Reason:     text.Clean(e.what + ": " + reason),
		Hint:       hint,
		RetryAfter: seen.retryAfter(),
	}
}

// strange explains an HTTP answer that is not the service's, or not a whole one.
func (e errand) strange(err error, seen *answer) error {
	switch {
	case seen.status >= 500 || seen.status == http.StatusTooManyRequests:
		return e.temporary(seen, fmt.Sprintf("%s answered %s", seen.host, seen.kind()), e.service+" could not answer; understudy asks again")
	case errors.Is(err, io.ErrUnexpectedEOF) && seen.status == http.StatusOK,
		seen.status == http.StatusOK && seen.holds(e.data):
		return e.temporary(seen, "the answer of "+seen.host+" is cut short or malformed, so it is refused whole", hintPortal)
	}
	return e.temporary(seen, fmt.Sprintf("%s answered %s: not an %s answer", seen.host, seen.kind(), e.service), hintPortal)
}

// errStrange is an answer that holds nothing and is no XML.
var errStrange = errors.New("not an STS answer")

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout()
}

// tlsCause names what is wrong with the server's certificate. Nothing was sent.
func tlsCause(err error) (cause, hint string) {
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return "its certificate is for another name than " + name.Host, hintPortal
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "its certificate is signed by an unknown CA", hintCA
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired {
			return "its certificate has expired or is not valid yet", "check this machine's clock"
		}
		return "its certificate is not valid", hintCA
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return "it does not speak TLS", hintPortal
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate cannot be verified", hintCA
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return "it ended the TLS handshake: " + alert.Error(), hintCA
	}
	return "", ""
}

// networkCause names what kept a request from its server.
func networkCause(err error, host string) string {
	whom := host
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		whom = "the proxy to " + host
	}
	if status, ok := errors.AsType[proxyRefusal](err); ok {
		return fmt.Sprintf("the proxy to %s answered %d %s", host, int(status), http.StatusText(int(status)))
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return "the name " + dns.Name + " was not found"
		}
		return "the name " + dns.Name + " could not be looked up"
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return whom + " refused the connection"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return whom + " is unreachable"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection to " + whom + " was cut"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		if number, ok := errors.AsType[syscall.Errno](op.Err); ok {
			return "no connection to " + whom + ": " + number.Error()
		}
	}
	return "no connection to " + whom
}
