package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
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

func TestAGoalIsMetOrMissed(t *testing.T) {
	for _, tt := range []struct {
		g       goal
		verdict string
		missed  bool
	}{
		{goal{Got: 1.6, Most: 1.6}, "met", false},
		{goal{Got: 1.61, Most: 1.6}, "missed", true},
		{goal{Got: 0.6, Least: 0.6}, "met", false},
		{goal{Got: 0.59, Least: 0.6}, "missed", true},
		{goal{Got: -1, Of: "another", Over: true, Most: 5}, "met", false},
		{goal{Of: fastestPeer, Most: 0.1, Absent: noPeer}, noPeer, false},
		{goal{Most: 1}.best([]float64{3, 0.9, 2}), "met", false},
		{goal{Most: 1}.best([]float64{3, 1.1, 2}), "missed", true},
		{goal{Least: 1}.best([]float64{0.7, 1.1, 0.8}), "met", false},
		{goal{Least: 1}.best([]float64{0.7, 0.9, 0.8}), "missed", true},
	} {
		if tt.g.verdict() != tt.verdict || tt.g.missed() != tt.missed {
			t.Errorf("%+v: %q, %v", tt.g, tt.g.verdict(), tt.g.missed())
		}
	}
}

// times are three heats of one round each.
func times(ms ...float64) (out [heats]samples) {
	for i := range out {
		out[i] = samples{time.Duration(ms[i] * 1e6)}
	}
	return out
}

// fixture is a race of two, the first with a goal against the second and one
// against a program that is not installed.
func fixture() *report {
	r := newReport(options{rounds: 1})
	r.add(figuresOf([]*racer{
		{title: "ours", times: times(3, 3.2, 9), against: []against{{other: "theirs", most: 1.4}, {other: "absent", most: 1}}},
		{title: "theirs", note: "in C", times: times(2, 2, 2)},
	})...)
	r.skip("absent", &absence{why: "absent is not on PATH | anywhere"})
	r.skip("competitor", &absence{why: "competitor is not installed", peer: true})
	return r
}

func TestTheTableShowsEachFigureBesideItsGoal(t *testing.T) {
	var b strings.Builder
	r := fixture()
	r.markdown(&b)
	for _, want := range []string{
		"| ours | 3.20 ms | 3.00 to 9.00 | 1.50 × theirs (1.50, 1.60, 4.50; at most 1.4) | missed |\n",
		"| theirs (in C) | 2.00 ms | 2.00 to 2.00 | | no goal |\n",
		`| absent (absent is not on PATH \| anywhere) | | | | left out |` + "\n",
		"| competitor (competitor is not installed) | | | | no peer here |\n",
		"3 heats of 1 rounds on ",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
	if missed := r.missed(); len(missed) != 1 || !strings.HasPrefix(missed[0], "ours: 3.20 ms, 1.50 × theirs") {
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
	if len(got.Figures) != 4 || got.Figures[0].Goals[0].Got != 1.5 || got.Figures[2].Absent == "" || got.Machine.Cores == 0 {
		t.Errorf("%s", b)
	}
}

func TestThePageIsTheTableBelowItsPreface(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bench.md")
	if err := fixture().keep(options{doc: path}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(b), "# Measurements\n") || !strings.Contains(string(b), "\n| ours | 3.20 ms |") {
		t.Errorf("%s, %v", b, err)
	}
}

func TestTheFastestOfThePeersIsNamed(t *testing.T) {
	ours := &racer{title: "ours", times: times(1, 1, 1), against: []against{{other: fastestPeer, most: 0.2}, {other: "slow", over: true, most: 5}}}
	slow := &racer{title: "slow", peer: true, times: times(9, 9, 9)}
	fast := &racer{title: "fast", peer: true, times: times(4, 4, 4)}
	other := &racer{title: "no peer", times: times(1, 1, 1)}
	got := figuresOf([]*racer{ours, slow, fast, other})[0].Goals
	if len(got) != 2 || got[0].Got != 0.25 || got[0].Of != "the fastest peer, fast" || !got[0].missed() || got[1].Got != -8 || got[1].missed() {
		t.Errorf("%+v", got)
	}
	if text := got[1].text("ms"); text != "-8.00 ms more than slow (-8.00, -8.00, -8.00; at most 5 ms)" {
		t.Errorf("%q", text)
	}
	alone := figuresOf([]*racer{ours, other})[0].Goals
	if len(alone) != 1 || alone[0].verdict() != noPeer || alone[0].share() {
		t.Errorf("without a peer: %+v", alone)
	}
}

// Nine of ten rounds were disturbed in the first heat; the 10th percentile is
// what the machine can do.
func TestAHeatIsHeldByItsTenthPercentile(t *testing.T) {
	ours, theirs := &racer{times: times(1, 2, 3)}, &racer{times: times(1, 1, 1)}
	ours.times[0] = samples{9e6, 9e6, 9e6, 9e6, 9e6, 1e6, 9e6, 9e6, 9e6, 9e6}
	if got := ours.compare(theirs, false); !slices.Equal(got, []float64{1, 2, 3}) {
		t.Errorf("%v", got)
	}
	if got := ours.compare(theirs, true); !slices.Equal(got, []float64{0, 1, 2}) {
		t.Errorf("%v more", got)
	}
}
