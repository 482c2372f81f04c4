package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// expectation is what -check compares the ratios of a run with, in addition to
// their goals: a change that makes something twice as slow may still meet a
// goal. It has no times, which another machine would not have. A ratio to the
// fastest peer names the peer, so that it is compared with no other.
type expectation struct {
	Margin float64     `json:"margin"` // share by which a ratio may be worse
	Ratios []ratioSeen `json:"ratios"`
}

// ratioSeen is one share of an earlier run.
type ratioSeen struct {
	Title string  `json:"title"`
	Of    string  `json:"of"`
	Ratio float64 `json:"ratio"`
	More  bool    `json:"more_is_better,omitempty"`
}

// usualMargin is for a machine that does other things too.
const usualMargin = 0.25

// expectation makes this run's shares the expected ones.
func (r *report) expectation() expectation {
	e := expectation{Margin: usualMargin}
	for _, f := range r.Figures {
		for _, g := range f.Goals {
			if g.share() {
				e.Ratios = append(e.Ratios, ratioSeen{Title: f.Title, Of: g.Of, Ratio: round(g.Got), More: g.Least > 0})
			}
		}
	}
	return e
}

// round keeps three digits: more are noise, and changes in a diff.
func round(x float64) float64 {
	var out float64
	fmt.Sscanf(fmt.Sprintf("%.3g", x), "%g", &out)
	return out
}

// compare returns what is worse than in the file at path, and reports on progress
// what was not measured.
func (r *report) compare(path string, progress io.Writer) ([]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var e expectation
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	got := make(map[string]float64)
	for _, f := range r.Figures {
		for _, g := range f.Goals {
			if g.share() {
				got[f.Title+" × "+g.Of] = g.Got
			}
		}
	}
	var worse, unknown []string
	for _, was := range e.Ratios {
		key := was.Title + " × " + was.Of
		now, ok := got[key]
		if !ok {
			unknown = append(unknown, key)
			continue
		}
		if was.worse(now, e.Margin) {
			worse = append(worse, fmt.Sprintf("%s: %s, and was %s; the margin is %.0f %%", key, ratio(now), ratio(was.Ratio), 100*e.Margin))
		}
	}
	if len(unknown) > 0 {
		fmt.Fprintf(progress, "not measured here, so not compared: %s\n", strings.Join(unknown, "; "))
	}
	if len(unknown) == len(e.Ratios) {
		return nil, fmt.Errorf("%s expects nothing that was measured", path)
	}
	return worse, nil
}

func (s ratioSeen) worse(now, margin float64) bool {
	if s.More {
		return now < s.Ratio*(1-margin)
	}
	return now > s.Ratio*(1+margin)
}
