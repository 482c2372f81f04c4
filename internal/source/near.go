package source

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// nearLimit bounds a connection to what is on this machine or one hop away, and
// the wait for its answer: where there is nothing, that is found out quickly.
const nearLimit = time.Second

// near is the connections to what surrounds this machine. No proxy stands
// between.
type near struct {
	once sync.Once
	http *http.Client
	idle func()
}

func (n *near) client() *http.Client {
	n.once.Do(func() {
		t := newTransport(nil, nil)
		t.DialContext = (&net.Dialer{Timeout: nearLimit}).DialContext
		t.ResponseHeaderTimeout = nearLimit
		n.http, n.idle = httpClient(t), t.CloseIdleConnections
	})
	return n.http
}

func (n *near) close() {
	n.client()
	n.idle()
}

func nearCause(err error, host string) string {
	if isTimeout(err) {
		return "no answer from " + host
	}
	return networkCause(err, host)
}

func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}

// retrieve asks one of the SDK's own providers. Some of them end in a panic when
// an answer is JSON and yet not an object; that is an answer that cannot be used.
func retrieve(ctx context.Context, from aws.CredentialsProvider) (got aws.Credentials, err error) {
	defer func() {
		if recover() != nil {
			err = errNoObject
		}
	}()
	return from.Retrieve(ctx)
}

var errNoObject = errors.New("the answer is not an object")

// sessionOf makes the session of credentials that whom gave, or refuses them
// whole.
func sessionOf(got credentials, now credential.Moment, whom string) (credential.Session, error) {
	s := got.session(now)
	err := s.Check(now)
	if err == nil {
		return s, nil
	}
	return credential.Session{}, &credential.Failure{
		Code:   wire.Temporary,
		Reason: text.Clean(fmt.Sprintf("%s: %v, so it is refused whole", whom, err)),
		Hint:   "check this machine's clock; understudy asks again",
	}
}
