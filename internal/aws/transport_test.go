package aws

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
)

// protocol is the version of HTTP that a client uses with a server of both.
func protocol(t *testing.T, change func(*http.Transport)) string {
	t.Helper()
	spoken := make(chan string, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { spoken <- r.Proto }))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	through := newHTTPTransport(nil, roots)
	defer through.CloseIdleConnections()
	change(through)
	resp, err := (&http.Client{Transport: through}).Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return <-spoken
}

func TestHTTP2IsOff(t *testing.T) {
	if got := protocol(t, func(*http.Transport) {}); got != "HTTP/1.1" {
		t.Errorf("it speaks %s", got)
	}
	if got := protocol(t, func(h *http.Transport) { h.ForceAttemptHTTP2 = true }); got != "HTTP/2.0" {
		t.Errorf("nobody speaks HTTP/2 here, but %s: the test sees nothing", got)
	}
}
