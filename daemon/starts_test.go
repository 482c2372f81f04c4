package daemon

import (
	"testing"
	"time"
)

func TestAfterThreeStartsThatCameToNothingTheNextIsTold(t *testing.T) {
	s := startsIn(t.TempDir())
	now := time.Unix(1_800_000_000, 0)
	for n, want := range []bool{false, false, false, true, true} {
		if got := s.begin(now.Add(time.Duration(n) * time.Second)); got != want {
			t.Errorf("start %d: %v, want %v", n+1, got, want)
		}
	}
	s.succeeded()
	if s.begin(now) {
		t.Error("a good start in between is not remembered")
	}
}

func TestStartsThatAreLongAgoDoNotCount(t *testing.T) {
	s := startsIn(t.TempDir())
	now := time.Unix(1_800_000_000, 0)
	for n := range 10 {
		if s.begin(now.Add(time.Duration(n) * 25 * time.Second)) {
			t.Errorf("start %d: three within a minute, where each took 25 s", n+1)
		}
	}
	if s.begin(now.Add(-time.Hour)) { // the clock was set back
		t.Error("starts in the future count")
	}
	for _, state := range []string{"/nowhere/at/all", ""} {
		s := startsIn(state)
		if s.begin(now) {
			t.Errorf("%q: without a folder there is nothing to count", state)
		}
		s.succeeded()
	}
}
