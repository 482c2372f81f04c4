//go:build linux

package e2e

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"understudy/internal/sandbox"
)

// stand is a world whose STS is the sandbox, which can be told to misbehave.
type stand struct {
	*world
	sts  *sandbox.Server
	http *httptest.Server
}

const standRole = "arn:aws:iam::123456789012:role/Actor"

// newStand plugs the profile actor in, a role that alice assumes.
func newStand(t *testing.T, w *world) *stand {
	t.Helper()
	s := &stand{world: w, sts: sandbox.New()}
	s.http = httptest.NewServer(s.sts)
	t.Cleanup(func() {
		s.sts.Set(sandbox.Behaviour{}) // lets go of those who wait
		s.http.Close()
	})
	alice := sandbox.Example()
	s.write(".aws/credentials", fmt.Sprintf("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
		alice.AccessKeyID, alice.Secret.Reveal()))
	s.write(".aws/config", "[profile base]\nregion = us-east-1\n"+s.role("actor", standRole, s.http.URL))
	return s
}

// quick asserts that a helper ended within the time.
func (w *world) quick(o outcome, within time.Duration) outcome {
	w.t.Helper()
	if o.took > within {
		w.t.Errorf("want it within %v: %v", within, o)
	}
	return o
}
