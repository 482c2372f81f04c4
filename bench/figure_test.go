package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAPercentileIsASampleThatWasTaken(t *testing.T) {
	s := make(samples, 0, 100)
	for i := range 100 {
		s = append(s, time.Duration(100-i)*time.Millisecond)
	}
	for p, want := range map[float64]time.Duration{0: 1, 10: 10, 50: 50, 90: 90, 100: 100} {
		if got := s.percentile(p); got != want*time.Millisecond {
			t.Errorf("percentile %v is %v, want %d ms", p, got, want)
		}
	}
	if got := (samples{7}).percentile(50); got != 7 {
		t.Errorf("of one sample: %v", got)
	}
	if s[0] != 100*time.Millisecond {
		t.Error("the samples were put in order in place")
	}
}

func TestAGoalIsMissedOnlyBeyondItsMargin(t *testing.T) {
	for _, tt := range []struct {
		g       goal
		verdict string
		missed  bool
	}{
		{goal{Got: 1.6, Most: 1.6}, "met", false},
		{goal{Got: 1.7, Most: 1.6, Margin: 0.1}, "within the margin", false},
		{goal{Got: 1.77, Most: 1.6, Margin: 0.1}, "missed", true},
		{goal{Got: 1.01, Most: 1}, "missed", true},
		{goal{Got: 0.6, Least: 0.6}, "met", false},
		{goal{Got: 0.56, Least: 0.6, Margin: 0.1}, "within the margin", false},
		{goal{Got: 0.53, Least: 0.6, Margin: 0.1}, "missed", true},
		{goal{Got: -1, Of: "another", Over: true, Most: 5}, "met", false},
		{goal{Got: 9, Of: "another"}, "", false},
	} {
		if tt.g.verdict() != tt.verdict || tt.g.missed() != tt.missed {
			t.Errorf("%+v: %q, %v", tt.g, tt.g.verdict(), tt.g.missed())
		}
	}
}

// fixture is a race of two, the first with a goal against the second and one
// against a peer that did not run.
func fixture() *report {
	r := newReport(options{rounds: 3})
	r.add(figuresOf([]*racer{
		{title: "ours", times: samples{3e6, 2e6, 9e6}, against: []against{{other: "theirs", most: 1.4, margin: 0.01}, {other: "absent", most: 1}}},
		{title: "theirs", note: "in C", times: samples{2e6, 2e6, 2e6}},
	})...)
	r.skip("absent", &absence{"absent is not on PATH"})
	return r
}

func TestTheTableHoldsEachMedianBesideItsGoal(t *testing.T) {
	r := fixture()
	var b strings.Builder
	r.markdown(&b)
	for _, want := range []string{
		"| ours | 3.00 ms | 2.00 to 9.00 | 1.50 × theirs (at most 1.4) | missed |\n",
		"| theirs (in C) | 2.00 ms | 2.00 to 2.00 | | |\n",
		"3 interleaved rounds on ",
		"Left out: absent: absent is not on PATH.\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
	if missed := r.missed(); len(missed) != 1 || !strings.HasPrefix(missed[0], "ours: 3.00 ms, 1.50 × theirs") {
		t.Errorf("missed: %q", missed)
	}
}

func TestTheFiguresAreKeptAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out", "results.json")
	if err := fixture().keep(options{out: path}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got report
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Figures) != 2 || got.Figures[0].Goals[0].Got != 1.5 || got.Skipped["absent"] == "" || got.Machine.Cores == 0 {
		t.Errorf("%s", b)
	}
}

func TestThePageIsTheTableBelowItsPreface(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bench.md")
	if err := fixture().keep(options{doc: path}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(b), "# Measurements\n") || !strings.Contains(string(b), "\n| ours | 3.00 ms |") {
		t.Errorf("%s, %v", b, err)
	}
}

func TestTheFastestOfThePeersIsWhatWeAreHeldAgainst(t *testing.T) {
	got := figuresOf([]*racer{
		{title: "ours", times: samples{1e6}, against: []against{{other: fastestPeer, most: 0.2}, {other: "slow", over: true, most: 5}}},
		{title: "slow", peer: true, times: samples{9e6}},
		{title: "fast", peer: true, times: samples{4e6}},
		{title: "no peer", times: samples{1e6}},
	})[0].Goals
	if len(got) != 2 || got[0].Got != 0.25 || !got[0].missed() || got[1].Got != -8 || got[1].missed() {
		t.Errorf("%+v", got)
	}
	if text := got[1].text("ms"); text != "-8.00 ms more than slow (at most 5 ms)" {
		t.Errorf("%q", text)
	}
}

// The third round hit both; the medians alone would say that they are apart.
func TestARoundThatWasDisturbedCountsForBoth(t *testing.T) {
	ours := samples{11e6, 22e6, 110e6, 44e6, 12e6}
	theirs := samples{10e6, 20e6, 100e6, 40e6, 30e6}
	if share, over := ours.beside(theirs); share != 1.1 || over != 2 {
		t.Errorf("%v, %v more", share, over)
	}
	if share, over := ours.beside(samples{11e6}); share != 2 || over != 11 {
		t.Errorf("by the medians: %v, %v more", share, over)
	}
}
