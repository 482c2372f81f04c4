package source

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

// maxBody is the most that is read of an answer, in bytes: four times the
// largest token that anybody has to reckon with.
const maxBody = 64 << 10

var errTooLarge = errors.New("the answer is too large")

// newTransport makes the connections of one CA bundle; nil roots are the
// system's. Idle ones are closed after half a minute, so that a daemon with
// nothing to do holds none. They speak HTTP/1.1: GODEBUG=http2debug=2 would have
// net/http write down what is sent and answered, keys and all.
func newTransport(proxy func(*http.Request) (*url.URL, error), roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            (&net.Dialer{Timeout: tryLimit}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    tryLimit,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConns:           8,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: maxBody,
		DisableCompression:     true,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return proxyRefusal(resp.StatusCode)
			}
			return nil
		},
	}
}

// proxyRefusal is the status with which a proxy refused to connect.
type proxyRefusal int

func (p proxyRefusal) Error() string { return "the proxy answered " + strconv.Itoa(int(p)) }

// httpClient follows no redirect: STS makes none, a captive portal does, and a
// signed request is not for whom it names.
func httpClient(through http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     watched{through},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// watched notes each answer for the try that is waiting for it, and bounds its
// body. The request's own body it sends from memory: the SDK closes what it
// gave as soon as the answer's headers are there, which can be while net/http
// still looks for its end, and then costs the connection and the rest of a long
// answer.
type watched struct{ through http.RoundTripper }

func (w watched) RoundTrip(req *http.Request) (*http.Response, error) {
	a, waited := req.Context().Value(answerKey{}).(*answer)
	if waited {
		a.begin()
		a.host = cmp.Or(a.host, req.URL.Host)
	}
	own, err := inMemory(req)
	if err != nil {
		return nil, err
	}
	resp, err := w.through.RoundTrip(own)
	if err != nil {
		return nil, err
	}
	if waited {
		a.see(resp)
	}
	resp.Body = &bounded{ReadCloser: resp.Body, left: maxBody}
	if resp.StatusCode >= http.StatusBadRequest {
		resp.Body = &flat{ReadCloser: resp.Body}
	}
	return resp, nil
}

// inMemory returns req with a body that nobody else closes.
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

// bounded is a body that errors, and does not just end, past its bound.
type bounded struct {
	io.ReadCloser
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
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
