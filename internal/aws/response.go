package aws

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/smithy-go"

	"understudy/internal/credential"
)

// ErrUnexpected is a response without the data that was asked for.
var ErrUnexpected = errors.New("not an answer of the service")

// response is the last HTTP response to one request, or how far the request got
// without one. The transport fills it before the SDK continues; other
// goroutines touch only phase.
type response struct {
	host string // if empty, set by the transport
	now  func() credential.Moment

	status int // 0 without a response
	header http.Header
	at     credential.Moment      // when the headers arrived
	phase  atomic.Pointer[string] // of the request, such as connecting
}

type responseKey struct{}

// withResponse returns a ctx whose requests are recorded in r.
func withResponse(ctx context.Context, r *response) context.Context {
	ctx = context.WithValue(ctx, responseKey{}, r)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { r.enter("looking up its address") },
		ConnectStart:      func(string, string) { r.enter("connecting") },
		TLSHandshakeStart: func() { r.enter("the TLS handshake") },
		WroteRequest:      func(httptrace.WroteRequestInfo) { r.wrote() },
	})
}

func (r *response) enter(phase string) { r.phase.Store(&phase) }

// reading is the last phase of a request.
const reading = "reading the answer"

// wrote enters the phase after sending. net/http may call it after the response
// has begun.
func (r *response) wrote() {
	last, next := r.phase.Load(), "waiting for the answer"
	if last == nil || *last != reading {
		r.phase.CompareAndSwap(last, &next)
	}
}

// begin drops the response to an earlier request.
func (r *response) begin() {
	r.status, r.header = 0, nil
	r.phase.Store(nil)
}

// record keeps a response whose headers have arrived.
func (r *response) record(resp *http.Response) {
	r.status, r.header, r.at = resp.StatusCode, resp.Header, r.now()
	r.enter(reading)
}

// fromService reports whether the service itself responded, and not a server on
// the way to it, given the error that the SDK made of the response.
func (r *response) fromService(err error) bool {
	if r.status == 0 {
		return false
	}
	if err == nil {
		return true
	}
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() != unknownCode && api.ErrorCode() != ""
}

// unknownCode is the SDK's code for an error response without a code.
const unknownCode = "UnknownError"

// date is the server's time in the response. ok is false for a cached response,
// whose time is old.
func (r *response) date() (t time.Time, ok bool) {
	if r.header.Get("Age") != "" {
		return time.Time{}, false
	}
	t, err := http.ParseTime(r.header.Get("Date"))
	return t, err == nil
}

// skew is how far the server's clock is ahead of this machine's; ok is false if
// the response has no time.
func (r *response) skew() (d time.Duration, ok bool) {
	t, ok := r.date()
	return t.Sub(r.at.Wall).Round(time.Second), ok
}

// retryAfter is how long the server asked to wait, in seconds or until a date of
// its own clock. It is an hour at most: a longer value is a mistake.
func (r *response) retryAfter() time.Duration {
	const most = time.Hour
	text := r.header.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, most)
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	from, ok := r.date()
	if !ok {
		from = r.at.Wall
	}
	return min(max(until.Sub(from), 0), most)
}

// kind is the response in a few words: 302 Found (text/html).
func (r *response) kind() string {
	s := strconv.Itoa(r.status)
	if name := http.StatusText(r.status); name != "" {
		s += " " + name
	}
	if media, _, err := mime.ParseMediaType(r.header.Get("Content-Type")); err == nil {
		s += " (" + media + ")"
	}
	return s
}

// hasType reports whether format is a part of the response's media type.
func (r *response) hasType(format string) bool {
	return strings.Contains(strings.ToLower(r.header.Get("Content-Type")), format)
}
