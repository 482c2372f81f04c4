package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// measured is a run of which one ratio should be small and one large.
func measured(small, large float64) *report {
	r := newReport(options{rounds: 1})
	r.add(
		figure{Title: "helper", Goals: []goal{{Of: "C", Got: small, Most: 9}, {Of: "C", Over: true, Got: 99}, {Got: 77}}},
		figure{Title: "daemon", Goals: []goal{{Of: "echo", Got: large, Least: 0.1}}},
	)
	return r
}

// written is the file that a run leaves behind for the next.
func written(t *testing.T, r *report) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "expected.json")
	if err := r.keep(options{expect: true, expected: path}); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestARatioThatGotWorseIsNamedThoughItsGoalIsMet(t *testing.T) {
	path := written(t, measured(1.5, 0.6))
	for _, tt := range []struct {
		small, large float64
		worse        string
	}{
		{1.5, 0.6, ""},
		{1.5 * 1.24, 0.6 * 0.76, ""},
		{0.5, 2, ""},
		{1.5 * 1.26, 0.6, "helper × C: 1.89, expected 1.50; the margin is 25 %"},
		{1.5, 0.6 * 0.74, "daemon × echo: 0.44, expected 0.60; the margin is 25 %"},
	} {
		worse, err := measured(tt.small, tt.large).compare(path, new(strings.Builder))
		if err != nil || strings.Join(worse, "; ") != tt.worse {
			t.Errorf("%v, %v: %q, %v; want %q", tt.small, tt.large, worse, err, tt.worse)
		}
	}
}

func TestOnlyRatiosAreExpected(t *testing.T) {
	b, err := os.ReadFile(written(t, measured(1.5, 0.6)))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(b); strings.Contains(text, "99") || strings.Contains(text, "77") || strings.Count(text, " × ") != 2 {
		t.Errorf("%s", text)
	}
}

// beside returns a report in which the fastest peer is name, with this ratio; name
// is "" if there is no peer.
func beside(name string, ratio float64) *report {
	r := measured(1.5, 0.6)
	g := goal{Of: fastestPeer, Most: 1, Absent: noPeer}
	if name != "" {
		g = goal{Of: fastestPeer + ", " + name, Most: 1, Got: ratio}
	}
	r.Figures[0].Goals = append(r.Figures[0].Goals, g)
	return r
}

func TestARatioToAPeerIsComparedWithTheSamePeerOnly(t *testing.T) {
	for _, tt := range []struct {
		expected, got string
		worse         int
	}{
		{"granted", "granted", 1},
		{"granted", "aws-vault", 0},
		{"granted", "", 0},
		{"", "granted", 0},
	} {
		worse, err := beside(tt.got, 0.9).compare(written(t, beside(tt.expected, 0.1)), new(strings.Builder))
		if err != nil || len(worse) != tt.worse {
			t.Errorf("%q, expected %q: %q, %v", tt.got, tt.expected, worse, err)
		}
	}
}

func TestWhatWasNotMeasuredIsSaidAndNoReasonToFall(t *testing.T) {
	path, r := written(t, measured(1.5, 0.6)), measured(1.5, 0.6)
	r.Figures = r.Figures[:1]
	var said strings.Builder
	if worse, err := r.compare(path, &said); err != nil || len(worse) > 0 || !strings.Contains(said.String(), "daemon × echo") {
		t.Errorf("%q, %v, said %q", worse, err, said.String())
	}
	r.Figures = nil
	if _, err := r.compare(path, &said); err == nil {
		t.Error("a run that measured nothing is taken for a good one")
	}
}

// The committed file must have every ratio of a run at the usual size, except the
// one to the fastest peer: it is missing if no peer was installed.
func TestTheCommittedTableHoldsEveryPromise(t *testing.T) {
	b, err := os.ReadFile("expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var e expectation
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		helperTitle + " × " + floorTitle,
		helperTitle + " × " + sshAddTitle,
		plainTitle + " × " + emptyTitle,
		cliPluggedTitle + " × " + cliStaticTitle,
		"daemon, 1 connection × Go echo server, 1 connection",
		"daemon, 16 connections × Go echo server, 16 connections",
		"daemon, 256 connections × Go echo server, 256 connections",
		"CPU time of a request, 1 connection, daemon × CPU time of a request, 1 connection, Go echo server",
		"CPU time of a request, 16 connections, daemon × CPU time of a request, 16 connections, Go echo server",
		"import of 2000 keys, CPU time × import of 1000 keys, CPU time",
		"1000 helpers at once, cold, 1 call to STS × 1000 empty Go programs at once",
		"a request, 1000 sessions × a request, 1 session",
		"a request, 10000 sessions × a request, 1 session",
	} {
		if e.Ratios[name] <= 0 {
			t.Errorf("expected.json has no ratio %q", name)
		}
	}
}
