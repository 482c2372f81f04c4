package main

import "fmt"

// goal is a promise and what became of it.
type goal struct {
	Of     string  `json:"of,omitempty"`    // whose value Got is a share of; "" for Got as it is
	Over   bool    `json:"over,omitzero"`   // Got is by how much the value is more than Of's
	Got    float64 `json:"got"`             //
	Most   float64 `json:"most,omitzero"`   // with Least 0 too: it is told and no goal
	Least  float64 `json:"least,omitzero"`  //
	Margin float64 `json:"margin,omitzero"` // share of Most or Least that is forgiven
}

func (g goal) missed() bool {
	return g.Most > 0 && g.Got > g.Most*(1+g.Margin) || g.Least > 0 && g.Got < g.Least*(1-g.Margin)
}

func (g goal) met() bool {
	return (g.Most == 0 || g.Got <= g.Most) && (g.Least == 0 || g.Got >= g.Least)
}

func (g goal) verdict() string {
	switch {
	case g.Most == 0 && g.Least == 0:
		return ""
	case g.met():
		return "met"
	case g.missed():
		return "missed"
	}
	return "within the margin"
}

// text says what was got and what was promised: "1.31 × C client (at most 1.6)".
func (g goal) text(unit string) string {
	var promise string
	switch {
	case g.Most > 0:
		promise = fmt.Sprintf("at most %.3g", g.Most)
	case g.Least > 0:
		promise = fmt.Sprintf("at least %.3g", g.Least)
	}
	switch {
	case g.Of == "":
		return promise + " " + unit
	case g.Over:
		promise = fmt.Sprintf("%s %s", promise, unit)
	}
	got := fmt.Sprintf("%s × %s", ratio(g.Got), g.Of)
	if g.Over {
		got = fmt.Sprintf("%.2f %s more than %s", g.Got, unit, g.Of)
	}
	if g.Most == 0 && g.Least == 0 {
		return got
	}
	return got + " (" + promise + ")"
}

// ratio shows two digits of a small share too.
func ratio(r float64) string {
	if r < 0.1 {
		return fmt.Sprintf("%.2g", r)
	}
	return fmt.Sprintf("%.2f", r)
}

// share reports whether the goal holds two things of one run against each
// other, which is what can be compared with another run's.
func (g goal) share() bool { return g.Of != "" && !g.Over }
