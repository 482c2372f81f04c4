// Package aws makes all requests to AWS, to the metadata service of an instance and
// to the agent of a container. Each is bounded in time (Limit) and in size, and
// follows no redirect. Requests to AWS use the configured proxy and CA bundle. The
// SDK's own loading of environment variables and files is not used.
//
// A Clients makes and caches what requests need:
//
//   - STS returns a client of STS for one Endpoint, which gets sessions.
//   - Call makes one request with a client of the SDK for any other service;
//     package iam is built on it. IdentityCenter does the same for sign-ins.
//   - InstanceRole, ContainerRole and LoginSession return credentials that
//     already exist next to the daemon.
//
// Errors are, or wrap, *credential.Failure. A *Refusal is an error response of
// AWS itself; a *NoAnswer is a request that the service did not answer. No error
// repeats a key, a token, a proxy's password or the body of a response.
package aws

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"understudy/internal/credential"
)

// Limit bounds one request: looking up the name, connecting, TLS, the response
// and its body, and the second request if the first shows that the clock is off.
const Limit = 5 * time.Second

var errLimit = errors.New("the limit of a request has passed")

// WithLimit returns a ctx that ends after Limit. All requests made with it share
// that time; a request made with any other ctx has a Limit of its own.
func WithLimit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, Limit, errLimit)
}

// Proxy chooses the proxy of a request, as in http.Transport.
type Proxy func(*http.Request) (*url.URL, error)

// Config configures a Clients. Its zero value works.
type Config struct {
	// Proxy chooses the proxy of a request; nil means http.ProxyFromEnvironment.
	// Requests to the instance's metadata and to a container's agent use none.
	Proxy Proxy
	// Now reads the clocks; nil means credential.Now.
	Now func() credential.Moment
	// OnSkew gets how far the clock of STS is ahead of this machine's wall clock,
	// to the second, after every response of STS; may be nil. It is called on the
	// goroutine of the request, maybe concurrently.
	OnSkew func(time.Duration)
	// Version goes into the User-Agent; empty means "devel".
	Version string
}

// Clients makes and caches clients and connections. It is safe for concurrent
// use. Create it with New and Close it.
type Clients struct {
	Config

	mu         sync.Mutex
	transports map[string]*transport // by path of the CA bundle; "" is the system's roots
	sts        map[Endpoint]*STS     // kept because each remembers how far STS's clock is off
	local      local
}

// New returns a Clients without any connection.
func New(c Config) *Clients {
	if c.Proxy == nil {
		c.Proxy = http.ProxyFromEnvironment
	}
	if c.Now == nil {
		c.Now = credential.Now
	}
	if c.OnSkew == nil {
		c.OnSkew = func(time.Duration) {}
	}
	if c.Version == "" {
		c.Version = "devel"
	}
	return &Clients{
		Config: c, transports: make(map[string]*transport), sts: make(map[Endpoint]*STS),
	}
}

// Close closes the idle connections. The Clients still works afterwards.
func (c *Clients) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeIdleLocked()
	c.local.close()
}
