package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// samples are the times of one racer.
type samples []time.Duration

// percentile returns the time that p percent of the samples are under, by
// nearest rank; there is at least one sample.
func (s samples) percentile(p float64) time.Duration {
	sorted := slices.Sorted(slices.Values(s))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

// figure is one line of the table.
type figure struct {
	Title string  `json:"title"`
	Value float64 `json:"value"` // the median where many were taken
	Unit  string  `json:"unit"`
	Low   float64 `json:"p10,omitzero"`
	High  float64 `json:"p90,omitzero"`
	Note  string  `json:"note,omitempty"`
	Goals []goal  `json:"goals,omitempty"`
}

// goal is a promise and what became of it.
type goal struct {
	Of     string  `json:"of,omitempty"` // whose value Got is a share of; "" for Got as it is
	Got    float64 `json:"got"`
	Most   float64 `json:"most,omitzero"`   // 0 means that it is told and no goal
	Margin float64 `json:"margin,omitzero"` // share of Most that is forgiven
}

func (g goal) missed() bool { return g.Most > 0 && g.Got > g.Most*(1+g.Margin) }

func (g goal) verdict() string {
	switch {
	case g.Most == 0:
		return ""
	case g.Got <= g.Most:
		return "met"
	case g.missed():
		return "missed"
	}
	return "within the margin"
}

// figuresOf turns what the racers took into figures, with each goal beside
// what it is held against. A goal against one who did not run is left out.
func figuresOf(racers []*racer) []figure {
	medians := make(map[string]float64, len(racers))
	for _, a := range racers {
		medians[a.title] = milliseconds(a.times.percentile(50))
	}
	var out []figure
	for _, a := range racers {
		f := figure{
			Title: a.title, Value: medians[a.title], Unit: "ms", Note: a.note,
			Low: milliseconds(a.times.percentile(10)), High: milliseconds(a.times.percentile(90)),
		}
		for _, g := range a.against {
			if other, ok := medians[g.other]; ok {
				f.Goals = append(f.Goals, goal{Of: g.other, Got: f.Value / other, Most: g.most, Margin: g.margin})
			}
		}
		out = append(out, f)
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (f figure) value() string {
	if f.Unit == "per minute" {
		return fmt.Sprintf("%.1f %s", f.Value, f.Unit)
	}
	return fmt.Sprintf("%.2f %s", f.Value, f.Unit)
}
