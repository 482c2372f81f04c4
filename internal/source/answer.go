package source

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

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"understudy/internal/credential"
)

// answer is what the transport saw of the last HTTP answer of a try, and how
// far the request got without one. The transport fills it before the SDK goes
// on; only phase is touched by other goroutines.
type answer struct {
	host string // "" until the request is made, where nobody knew before
	now  func() credential.Moment

	status int // 0 without an answer
	header http.Header
	at     credential.Moment      // when the headers were there
	phase  atomic.Pointer[string] // what was being done last
}

type answerKey struct{}

func withAnswer(ctx context.Context, a *answer) context.Context {
	ctx = context.WithValue(ctx, answerKey{}, a)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { a.doing("looking up its address") },
		ConnectStart:      func(string, string) { a.doing("connecting") },
		TLSHandshakeStart: func() { a.doing("the TLS handshake") },
		WroteRequest:      func(httptrace.WroteRequestInfo) { a.wrote() },
	})
}

func (a *answer) doing(what string) { a.phase.Store(&what) }

// reading is the last phase of a request.
const reading = "reading the answer"

// wrote notes that the request is out, which net/http may say after the answer
// has begun.
func (a *answer) wrote() {
	last, next := a.phase.Load(), "waiting for the answer"
	if last == nil || *last != reading {
		a.phase.CompareAndSwap(last, &next)
	}
}

// begin forgets the answer to the request before.
func (a *answer) begin() {
	a.status, a.header = 0, nil
	a.phase.Store(nil)
}

// see notes an answer whose headers have arrived.
func (a *answer) see(resp *http.Response) {
	a.status, a.header, a.at = resp.StatusCode, resp.Header, a.now()
	a.doing(reading)
}

// fromSTS reports whether an answer came from STS rather than from something on
// the way there, given the error that the SDK made of it.
func (a *answer) fromSTS(err error) bool {
	if a.status == 0 {
		return false
	}
	if err == nil {
		return true
	}
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() != unknownCode && api.ErrorCode() != ""
}

// unknownCode is what the SDK calls an error answer without a code.
const unknownCode = "UnknownError"

// date is STS's clock when it answered. A cached answer's tells nothing.
func (a *answer) date() (time.Time, bool) {
	if a.header.Get("Age") != "" {
		return time.Time{}, false
	}
	t, err := http.ParseTime(a.header.Get("Date"))
	return t, err == nil
}

// skew is how far STS's clock is ahead of this machine's; ok is false when the
// answer does not tell.
func (a *answer) skew() (d time.Duration, ok bool) {
	t, ok := a.date()
	return t.Sub(a.at.Wall).Round(time.Second), ok
}

// retryAfter is how long the server asked to be left alone, in seconds or until
// a date by its own clock; an hour at most, since nobody who answers means more.
func (a *answer) retryAfter() time.Duration {
	const most = time.Hour
	text := a.header.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, most)
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	from, ok := a.date()
	if !ok {
		from = a.at.Wall
	}
	return min(max(until.Sub(from), 0), most)
}

// kind is the answer in a few words: 302 Found (text/html).
func (a *answer) kind() string {
	s := strconv.Itoa(a.status)
	if name := http.StatusText(a.status); name != "" {
		s += " " + name
	}
	if media, _, err := mime.ParseMediaType(a.header.Get("Content-Type")); err == nil {
		s += " (" + media + ")"
	}
	return s
}

// holds reports whether the answer says that it is data of that kind.
func (a *answer) holds(data string) bool {
	return strings.Contains(strings.ToLower(a.header.Get("Content-Type")), data)
}

// isXML reports whether the answer says that it is what STS answers with.
func (a *answer) isXML() bool { return a.holds("xml") }

// session makes the session of an answer, or says what is senseless about it.
func (a *answer) session(creds *types.Credentials, account string) (credential.Session, error) {
	now := a.now()
	if creds == nil {
		return credential.Session{}, errors.New("the answer has no Credentials")
	}
	s := credential.Session{
		AccessKeyID:     aws.ToString(creds.AccessKeyId),
		SecretAccessKey: credential.NewSecret(aws.ToString(creds.SecretAccessKey)),
		SessionToken:    credential.NewSecret(aws.ToString(creds.SessionToken)),
		AccountID:       account,
		Issued:          now,
	}
	if creds.Expiration != nil {
		s.Expiration = creds.Expiration.UTC().Truncate(time.Second)
		issued, ok := a.date()
		if !ok {
			issued = now.Wall
		}
		s.Lifetime = s.Expiration.Sub(issued)
	}
	if err := s.Check(now); err != nil {
		return credential.Session{}, err
	}
	return s, nil
}

// accountOf returns the account in an ARN; empty when there is none.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && isAccount(parts[4]) {
		return parts[4]
	}
	return ""
}
