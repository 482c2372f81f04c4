package main

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"understudy/internal/sandbox/cloud"
	"understudy/internal/testbed"
)

// outside is AWS for the peers, some of which cannot be given an endpoint: a
// proxy that connects every host of AWS to a sandbox, and refuses all others.
type outside struct {
	*cloud.Cloud
	proxy  string // URL
	bundle string // file of the authority that signed its certificate
}

// openOutside starts the proxy, once.
func (w *world) openOutside() (*outside, error) {
	if w.outside != nil {
		return w.outside, nil
	}
	o := &outside{Cloud: cloud.New(), bundle: filepath.Join(w.dir, "outside.pem")}
	var serving *tls.Config
	if err := w.program.Try(func() {
		ca := testbed.NewAuthority(&w.program)
		serving = ca.Server(time.Now().Add(12*time.Hour), "*.amazonaws.com", "*.eu-west-1.amazonaws.com", "*.sso.eu-west-1.amazonaws.com")
		if err := os.WriteFile(o.bundle, ca.PEM(), 0o600); err != nil {
			w.program.Fatal(err)
		}
	}); err != nil {
		return nil, err
	}
	sandbox := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Has("max_result") { // aws-sso asks for more than the API's limit
			q.Set("max_result", "100")
			r.URL.RawQuery = q.Encode()
		}
		o.ServeHTTP(rw, r)
	}))
	sandbox.TLS = serving
	sandbox.StartTLS()
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || !strings.HasSuffix(r.Host, ".amazonaws.com:443") {
			http.Error(rw, "not a host of AWS", http.StatusForbidden)
			return
		}
		tunnel(rw, sandbox.Listener.Addr().String())
	}))
	w.stops = append(w.stops, sandbox.Close, proxy.Close)
	o.proxy, w.outside = proxy.URL, o
	return o, nil
}

// tunnel connects the client of a proxy to addr until one of them ends.
func tunnel(rw http.ResponseWriter, addr string) {
	server, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		http.Error(rw, "no sandbox", http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	client.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
	var copies sync.WaitGroup
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		copies.Go(func() {
			io.Copy(way[0], way[1])
			client.Close()
			server.Close()
		})
	}
	copies.Wait()
}
