package aws

import (
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// localLimit bounds a connection to this machine or to the next hop, and the wait
// for the response, so that a missing service is found out fast.
const localLimit = time.Second

// local is the connections to the metadata service and to a container's agent.
// They use no proxy.
type local struct {
	once sync.Once
	http *http.Client
	idle func()
}

func (l *local) client() *http.Client {
	l.once.Do(func() {
		t := newHTTPTransport(nil, nil)
		t.DialContext = (&net.Dialer{Timeout: localLimit}).DialContext
		t.ResponseHeaderTimeout = localLimit
		l.http, l.idle = httpClient(t), t.CloseIdleConnections
	})
	return l.http
}

func (l *local) close() {
	l.client()
	l.idle()
}

// localCause says why a local service did not answer.
func localCause(err error, host string) string {
	if isTimeout(err) {
		return "no answer from " + host
	}
	return networkCause(err, host)
}

// hostOf returns the host and port of a URL; empty if it is none.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}
