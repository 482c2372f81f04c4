package source

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// maxClients bounds the sites that are kept; a client is a few kilobytes.
const maxClients = 64

// clients keeps one SDK client for each site, since a client remembers how far
// STS's clock is off, and one transport for each CA bundle.
type clients struct {
	mu    sync.Mutex
	ways  map[string]*way // by path of the CA bundle; "" is the system's roots
	sites map[site]*sts.Client
}

// way is the connections that trust one CA bundle.
type way struct {
	read      stamp // of the bundle; zero for the system's
	transport *http.Transport
}

// get returns the client for a site, with the CA bundle as it stands now.
func (c *clients) get(r *Resolver, to site) (*sts.Client, error) {
	c.mu.Lock()
	w, client := c.ways[to.bundle], c.sites[to]
	c.mu.Unlock()
	if w != nil && client != nil && (to.bundle == "" || w.read.fresh()) {
		return client, nil
	}
	if w == nil || to.bundle != "" && !w.read.fresh() {
		made, err := newWay(r, to.bundle)
		if err != nil {
			return nil, err
		}
		w = made
	}
	return c.keep(r, to, w), nil
}

func newWay(r *Resolver, bundle string) (*way, error) {
	if bundle == "" {
		return &way{transport: newTransport(r.Proxy, nil)}, nil
	}
	pool, read, err := roots(bundle)
	if err != nil {
		return nil, err
	}
	return &way{read: read, transport: newTransport(r.Proxy, pool)}, nil
}

// keep makes the client for a site over w, and forgets the clients over a way
// that w replaces.
func (c *clients) keep(r *Resolver, to site, w *way) *sts.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ways == nil || len(c.sites) >= maxClients {
		c.closeLocked()
		c.ways, c.sites = make(map[string]*way), make(map[site]*sts.Client)
	}
	if old := c.ways[to.bundle]; old != w {
		if old != nil {
			old.transport.CloseIdleConnections()
		}
		for s := range c.sites {
			if s.bundle == to.bundle {
				delete(c.sites, s)
			}
		}
		c.ways[to.bundle] = w
	}
	if client := c.sites[to]; client != nil {
		return client
	}
	client := newClient(r, to, httpClient(w.transport))
	c.sites[to] = client
	return client
}

func (c *clients) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked()
}

// closeLocked closes the idle connections; the caller must hold c.mu.
func (c *clients) closeLocked() {
	for _, w := range c.ways {
		w.transport.CloseIdleConnections()
	}
}

// newClient makes a client from explicit options alone: the SDK's own loading
// of environment and files has no part in where a request goes.
func newClient(r *Resolver, to site, through *http.Client) *sts.Client {
	o := sts.Options{
		Region:             to.region,
		EndpointResolverV2: fixed{to},
		HTTPClient:         through,
		Retryer:            onceMoreForTheClock{},
	}
	o.APIOptions = append(o.APIOptions, awsmiddleware.AddUserAgentKeyValue("understudy", r.Version))
	return sts.New(o)
}

// fixed resolves every call to the site's own endpoint.
type fixed struct{ to site }

func (f fixed) ResolveEndpoint(ctx context.Context, _ sts.EndpointParameters) (smithyendpoints.Endpoint, error) {
	return sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, f.to.parameters())
}

// onceMoreForTheClock is the SDK's retry policy here: none, since the daemon
// decides when to ask again, but for one more call when the answer shows that
// the clock was off, signed by the corrected time.
type onceMoreForTheClock struct{}

func (onceMoreForTheClock) IsErrorRetryable(err error) bool {
	clock, ok := errors.AsType[interface {
		error
		RetryableError() bool
	}](err)
	return ok && clock.RetryableError()
}

func (onceMoreForTheClock) MaxAttempts() int { return 2 }

func (onceMoreForTheClock) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

func (onceMoreForTheClock) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

func (onceMoreForTheClock) GetInitialToken() func(error) error {
	return func(error) error { return nil }
}

var _ aws.Retryer = onceMoreForTheClock{}
