package aws

import (
	"net/http"

	"understudy/internal/stamp"
)

// maxClients bounds the cached clients of STS; one is a few kilobytes.
const maxClients = 64

// transport is the connections that trust one CA bundle.
type transport struct {
	bundle stamp.File // as it was read; zero for the system's roots
	http   *http.Transport
}

func (t *transport) client() *http.Client { return httpClient(t.http) }

// STS returns the client of STS for an endpoint that ResolveSTS has resolved,
// with the CA bundle as it is now. An error is the Failure of a CA bundle that
// cannot be used.
func (c *Clients) STS(to Endpoint) (*STS, error) {
	t, err := c.transport(to.CABundle)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.sts[to]; s != nil {
		return s, nil
	}
	if len(c.sts) >= maxClients {
		c.closeIdleLocked()
		c.transports, c.sts = map[string]*transport{to.CABundle: t}, make(map[Endpoint]*STS)
	}
	s := newSTS(c, to, t.client())
	c.sts[to] = s
	return s, nil
}

// transport returns the connections that trust the bundle as it is now. If the
// file has changed, the clients that used the old connections are dropped.
func (c *Clients) transport(bundle string) (*transport, error) {
	c.mu.Lock()
	old := c.transports[bundle]
	c.mu.Unlock()
	if old != nil && (bundle == "" || old.bundle.Fresh()) {
		return old, nil
	}
	made, err := c.newTransport(bundle)
	if err != nil {
		return nil, badBundle(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.transports[bundle]; other != nil && other != old {
		return other, nil // another goroutine was faster
	}
	if old != nil {
		old.http.CloseIdleConnections()
	}
	for e := range c.sts {
		if e.CABundle == bundle {
			delete(c.sts, e)
		}
	}
	c.transports[bundle] = made
	return made, nil
}

func (c *Clients) newTransport(bundle string) (*transport, error) {
	if bundle == "" {
		return &transport{http: newHTTPTransport(c.Proxy, nil)}, nil
	}
	pool, read, err := readBundle(bundle)
	if err != nil {
		return nil, err
	}
	return &transport{bundle: read, http: newHTTPTransport(c.Proxy, pool)}, nil
}

// closeIdleLocked closes the idle connections; the caller must hold c.mu.
func (c *Clients) closeIdleLocked() {
	for _, t := range c.transports {
		t.http.CloseIdleConnections()
	}
}
