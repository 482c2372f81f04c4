package aws

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
)

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout()
}

// tlsCause says why the server's certificate was rejected; empty if it was not.
// Nothing was sent then.
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

// networkCause says why a request did not reach its server.
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
