//go:build linux

package e2e

import (
	"net/http"
	"testing"
	"time"

	"understudy/internal/sandbox"
)

// outages are the ways in which STS is not there.
var outages = []struct {
	name  string
	begin func(*stand)
}{
	{"refused", func(s *stand) { s.StopSTS() }},
	{"503", func(s *stand) {
		s.STS.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: http.StatusServiceUnavailable}})
	}},
	{"throttled", func(s *stand) {
		s.STS.Set(sandbox.Behaviour{Fault: sandbox.Fault{Code: "Throttling", Message: "Rate exceeded"}})
	}},
	{"silent", func(s *stand) { s.STS.Set(sandbox.Behaviour{Fault: sandbox.Fault{Silent: true}}) }},
}

func TestWithSTSDownFromTheStartHelpersEndEarlyAndThenAtOnce(t *testing.T) {
	for _, outage := range outages {
		t.Run(outage.name, func(t *testing.T) {
			s := newStand(t, newWorld(t))
			outage.begin(s)

			s.refused(s.quick(s.Helper("actor"), 15*time.Second), 6, "actor")
			calls := len(s.STS.Calls())
			for range 5 {
				s.refused(s.quick(s.Helper("actor"), atOnce), 6, "actor")
			}
			if n := len(s.STS.Calls()); n != calls {
				t.Errorf("%d calls more within the back-off", n-calls)
			}
		})
	}
}

func TestWithSTSBackTheNextHelperIsServed(t *testing.T) {
	t.Parallel()
	s := newStand(t, newWorld(t))
	s.STS.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: http.StatusServiceUnavailable}})
	s.refused(s.Helper("actor"), 6, "actor")
	s.STS.Set(sandbox.Behaviour{})
	// The back-off after one failure is a second or little more.
	s.eventually("a helper is served", 10*time.Second, func() bool { return s.Helper("actor").Status == 0 })
}

// A session is served for as long as it can see a request through, which takes
// a minute, whatever has become of STS.
func TestWithSTSDownAfterwardsTheSessionIsServedUntilAMinuteIsLeft(t *testing.T) {
	t.Parallel()
	for _, outage := range outages {
		t.Run(outage.name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, newWorld(t))
			s.STS.Set(sandbox.Behaviour{Lifetime: 80 * time.Second})
			first := s.served(s.Helper("actor"))
			ends, err := time.Parse(time.RFC3339, first.Expiration)
			if err != nil {
				t.Fatal(err)
			}
			outage.begin(s)

			floor := ends.Add(-time.Minute)
			for served := 0; ; served++ {
				began := time.Now()
				o := s.quick(s.Helper("actor"), 15*time.Second)
				if o.Status != 0 {
					if early := time.Until(floor); early > time.Second {
						t.Errorf("refused %v too early: %v", early, o)
					}
					if served < 2 {
						t.Errorf("served only %d times: %v", served, o)
					}
					s.refused(o, 6, "actor")
					return
				}
				if s.served(o).Raw != first.Raw {
					t.Fatalf("another session out of nowhere: %v", o)
				}
				if late := began.Sub(floor); late > time.Second {
					t.Fatalf("still served when less than a minute was left, %v late: %v", late, o)
				}
				time.Sleep(200 * time.Millisecond) // between two uses, as a client would
			}
		})
	}
}
