package aws

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxBody is how much of a response is read, in bytes: four times the largest
// session token to expect.
const maxBody = 64 << 10

var errTooLarge = errors.New("the answer is too large")

// newHTTPTransport makes the connections for one CA bundle; nil roots are the
// system's. Idle connections are closed after 30 s, so that an idle daemon holds
// none. HTTP/2 stays off: with GODEBUG=http2debug=2, net/http would log requests
// and responses with the keys in them.
func newHTTPTransport(proxy Proxy, roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            (&net.Dialer{Timeout: Limit}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    Limit,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConns:           8,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: maxBody,
		DisableCompression:     true,
		OnProxyConnectResponse: checkProxy,
	}
}

// checkProxy returns an error with the status if a proxy refuses to connect.
func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return proxyRefusal(resp.StatusCode)
	}
	return nil
}

// proxyRefusal is the status with which a proxy refused to connect.
type proxyRefusal int

func (p proxyRefusal) Error() string { return "the proxy answered " + strconv.Itoa(int(p)) }

// httpClient follows no redirect: AWS sends none, a captive portal does, and the
// target must not get a signed request.
func httpClient(through http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     recorder{through},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// recorder records each response in the ctx's response, and bounds its body. It
// sends the request's body from memory: the SDK closes its body as soon as the
// headers of the response are there. net/http may still be reading it then, and
// would drop the connection and the rest of a long response.
type recorder struct{ through http.RoundTripper }

func (w recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	seen, watching := req.Context().Value(responseKey{}).(*response)
	if watching {
		seen.begin()
		seen.host = cmp.Or(seen.host, req.URL.Host)
	}
	own, err := inMemory(req)
	if err != nil {
		return nil, err
	}
	resp, err := w.through.RoundTrip(own)
	if err != nil {
		return nil, err
	}
	if watching {
		seen.record(resp)
	}
	resp.Body = &limitedBody{ReadCloser: resp.Body, left: maxBody}
	if resp.StatusCode >= http.StatusBadRequest {
		resp.Body = &flatBody{ReadCloser: resp.Body}
	}
	return resp, nil
}

// inMemory returns req with a copy of its body.
func inMemory(req *http.Request) (*http.Request, error) {
	if req.Body == nil {
		return req, nil
	}
	body, err := io.ReadAll(req.Body)
	req.Body.Close()
	if err != nil {
		return nil, err
	}
	own := req.Clone(req.Context())
	own.ContentLength = int64(len(body))
	own.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	own.Body, err = own.GetBody()
	return own, err
}

// limitedBody is a body that returns errTooLarge after its limit, not just io.EOF.
type limitedBody struct {
	io.ReadCloser
	left int
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLarge
	}
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
