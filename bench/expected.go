package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// expectation is what -check compares the ratios of a run with, in addition to
// their goals: a change that makes something twice as slow may still meet a
// goal. It has no times, because they differ between machines. A ratio to the
// fastest peer names the peer, so that it is compared with no other.
type expectation struct {
	Margin float64            `json:"margin"` // share by which a ratio may be worse
	Ratios map[string]float64 `json:"ratios"` // of an earlier run, by the names that ratios gives
}

// usualMargin is for a machine that does other things too.
const usualMargin = 0.25

// ratios returns the goals that compare two rows, by name.
func (r *report) ratios() map[string]goal {
	out := make(map[string]goal)
	for _, f := range r.Figures {
		for _, g := range f.Goals {
			if g.share() {
				out[f.Title+" × "+g.Of] = g
			}
		}
	}
	return out
}

// expectation makes this run's ratios the expected ones. It keeps three
// digits: the others are noise, and would change in every diff.
func (r *report) expectation() expectation {
	e := expectation{Margin: usualMargin, Ratios: make(map[string]float64)}
	for name, g := range r.ratios() {
		e.Ratios[name], _ = strconv.ParseFloat(fmt.Sprintf("%.3g", g.Got), 64)
	}
	return e
}

// compare returns the ratios that are worse than in the file at path, and prints
// to progress those that were not measured.
func (r *report) compare(path string, progress io.Writer) ([]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var e expectation
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var worse, unknown []string
	measured := r.ratios()
	for _, name := range slices.Sorted(maps.Keys(e.Ratios)) {
		was := e.Ratios[name]
		now, ok := measured[name]
		switch {
		case !ok:
			unknown = append(unknown, name)
		case now.Least > 0 && now.Got < was*(1-e.Margin), now.Least == 0 && now.Got > was*(1+e.Margin):
			worse = append(worse, fmt.Sprintf("%s: %s, expected %s; the margin is %.0f %%", name, ratio(now.Got), ratio(was), 100*e.Margin))
		}
	}
	if len(unknown) > 0 {
		fmt.Fprintf(progress, "not measured here, so not compared: %s\n", strings.Join(unknown, "; "))
	}
	if len(unknown) == len(e.Ratios) {
		return nil, fmt.Errorf("no ratio in %s was measured", path)
	}
	return worse, nil
}
