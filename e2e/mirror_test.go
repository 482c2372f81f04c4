//go:build linux

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"understudy/internal/sandbox"
)

// mirror stands for STS and for S3. It notes whose key a call to S3 is signed
// with, which tells where an SDK has its credentials from.
type mirror struct {
	URL string

	mu  sync.Mutex
	key string // of the last call to S3
}

// signedBy finds the access key ID and the service in a signature.
var signedBy = regexp.MustCompile(`Credential=(\w+)/\d+/[^/]+/(\w+)/`)

func newMirror(t *testing.T) *mirror {
	m, sts := &mirror{}, sandbox.New()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		by := signedBy.FindStringSubmatch(r.Header.Get("Authorization"))
		if by == nil || by[2] != "s3" {
			sts.ServeHTTP(rw, r)
			return
		}
		m.mu.Lock()
		m.key = by[1]
		m.mu.Unlock()
		rw.Header().Set("Content-Type", "application/xml")
		io.WriteString(rw, `<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>x</ID></Owner><Buckets/></ListAllMyBucketsResult>`)
	}))
	t.Cleanup(server.Close)
	m.URL = server.URL
	return m
}

// last is whose key the last call to S3 was signed with; "" for none since it
// was asked before.
func (m *mirror) last() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.key
	m.key = ""
	return k
}

// counted puts a helper below the home folder that counts how often it is run.
// runs is how often since it was asked before.
func (w *world) counted() (path string, runs func() int) {
	w.t.Helper()
	path, log := filepath.Join(w.Home, "bin", "understudy-credentials"), filepath.Join(w.Dir, "runs")
	script := fmt.Sprintf("#!/bin/sh\necho >>%s\nexec %s \"$@\"\n", log, filepath.Join(bin, "understudy-credentials"))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		w.t.Fatal(err)
	}
	before := 0
	return path, func() int {
		b, err := os.ReadFile(log)
		if err != nil && !os.IsNotExist(err) {
			w.t.Fatal(err)
		}
		now := strings.Count(string(b), "\n")
		n := now - before
		before = now
		return n
	}
}
