//go:build linux

package e2e

import (
	"testing"
	"time"

	"understudy/internal/testbed"
)

// stand is a world whose STS is the sandbox, which can be told to misbehave.
type stand struct{ *world }

const standRole = "arn:aws:iam::123456789012:role/Actor"

// newStand plugs the profile actor in, a role that alice assumes.
func newStand(t *testing.T, w *world) *stand {
	t.Helper()
	w.StartSTS()
	w.Write(".aws/config", "[profile base]\nregion = us-east-1\n"+w.role("actor", standRole, w.URL))
	return &stand{w}
}

// role is a plugged-in profile, written as the docs show it.
func (w *world) role(profile, arn, endpoint string, own ...string) string {
	return testbed.Role(profile, arn, endpoint, append([]string{w.Process(profile)}, own...)...)
}

// crowd runs n helpers at once and returns their outcomes.
func (w *world) crowd(n int, profile string) []outcome {
	return testbed.Crowd(n, func(int) outcome { return w.Helper(profile) })
}

// quick asserts that a helper ended within the time.
func (w *world) quick(o outcome, within time.Duration) outcome {
	w.t.Helper()
	if o.Took > within {
		w.t.Errorf("want it within %v: %v", within, o)
	}
	return o
}
