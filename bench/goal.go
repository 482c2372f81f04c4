package main

import (
	"fmt"
	"slices"
	"strings"
)

// heats is how many times each comparison is measured. The best one decides: a heat is
// a percentile or a median of many turns, so one disturbed turn does not decide it, but
// another program on the machine can spoil a whole heat.
const heats = 3

// goal is a promise and its result.
type goal struct {
	Of     string    `json:"of,omitempty"`    // the row that Got is a share of; "" if Got is the row's own value
	Over   bool      `json:"over,omitzero"`   // Got is by how much the value exceeds Of's
	Got    float64   `json:"got"`             // the best of Heats
	Heats  []float64 `json:"heats,omitempty"` // nil if it was measured once
	Most   float64   `json:"most,omitzero"`
	Least  float64   `json:"least,omitzero"`
	Absent string    `json:"absent,omitempty"` // the verdict if Of was not measured
}

// best returns g with the results of the heats, the best of which is Got.
func (g goal) best(heats []float64) goal {
	g.Heats, g.Got = heats, slices.Min(heats)
	if g.Least > 0 {
		g.Got = slices.Max(heats)
	}
	return g
}

func (g goal) missed() bool {
	return g.Absent == "" && (g.Most > 0 && g.Got > g.Most || g.Least > 0 && g.Got < g.Least)
}

func (g goal) verdict() string {
	switch {
	case g.Absent != "":
		return g.Absent
	case g.missed():
		return "missed"
	}
	return "met"
}

// text shows the result and the promise: "1.31 × floor (1.31, 1.40, 1.35; at
// most 1.6)".
func (g goal) text(unit string) string {
	promise := fmt.Sprintf("at most %.3g", g.Most)
	if g.Least > 0 {
		promise = fmt.Sprintf("at least %.3g", g.Least)
	}
	if g.Of == "" || g.Over {
		promise += " " + unit
	}
	all := make([]string, len(g.Heats))
	for i, got := range g.Heats {
		all[i] = g.number(got)
	}
	if len(all) > 0 {
		promise = strings.Join(all, ", ") + "; " + promise
	}
	switch {
	case g.Absent != "":
		return fmt.Sprintf("× %s (%s)", g.Of, promise)
	case g.Of == "":
		return promise
	case g.Over:
		return fmt.Sprintf("%.2f %s more than %s (%s)", g.Got, unit, g.Of, promise)
	}
	return fmt.Sprintf("%s × %s (%s)", ratio(g.Got), g.Of, promise)
}

func (g goal) number(got float64) string {
	if g.share() {
		return ratio(got)
	}
	return fmt.Sprintf("%.2f", got)
}

// ratio shows two digits of a small share too.
func ratio(r float64) string {
	if r < 0.1 {
		return fmt.Sprintf("%.2g", r)
	}
	return fmt.Sprintf("%.2f", r)
}

// share reports whether the goal compares two rows of one run, which can be
// compared with another run.
func (g goal) share() bool { return g.Of != "" && !g.Over && g.Absent == "" }
