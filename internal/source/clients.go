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
	w, err := c.way(r, to.bundle)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if client := c.sites[to]; client != nil {
		return client, nil
	}
	if len(c.sites) >= maxClients {
		c.closeLocked()
		c.ways, c.sites = map[string]*way{to.bundle: w}, make(map[site]*sts.Client)
	}
	client := newClient(r, to, httpClient(w.transport))
	c.sites[to] = client
	return client, nil
}

// way returns the connections that trust the bundle as it stands now. The
// clients over those that it replaces are forgotten.
func (c *clients) way(r *Resolver, bundle string) (*way, error) {
	c.mu.Lock()
	w := c.ways[bundle]
	c.mu.Unlock()
	if w != nil && (bundle == "" || w.read.fresh()) {
		return w, nil
	}
	made, err := newWay(r, bundle)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch other := c.ways[bundle]; {
	case other != nil && other != w: // somebody else was quicker
		return other, nil
	case c.ways == nil:
		c.ways, c.sites = make(map[string]*way), make(map[site]*sts.Client)
	}
	if w != nil {
		w.transport.CloseIdleConnections()
	}
	for s := range c.sites {
		if s.bundle == bundle {
			delete(c.sites, s)
		}
	}
	c.ways[bundle] = made
	return made, nil
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
