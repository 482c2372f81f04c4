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
	P99   float64 `json:"p99,omitzero"`
	P999  float64 `json:"p99_9,omitzero"`
	Note  string  `json:"note,omitempty"`
	Goals []goal  `json:"goals,omitempty"`
}

// figuresOf turns what the racers took into figures, with each goal beside
// what it is held against. A goal against one who did not run is left out.
func figuresOf(racers []*racer) []figure {
	medians := make(map[string]float64, len(racers))
	for _, a := range racers {
		medians[a.title] = milliseconds(a.times.percentile(50))
	}
	if fastest := fastest(racers); fastest != nil {
		medians[fastestPeer] = medians[fastest.title]
	}
	var out []figure
	for _, a := range racers {
		f := figure{
			Title: a.title, Value: medians[a.title], Unit: "ms", Note: a.note,
			Low: milliseconds(a.times.percentile(10)), High: milliseconds(a.times.percentile(90)),
		}
		for _, g := range a.against {
			other, ok := medians[g.other]
			if !ok {
				continue
			}
			held := goal{Of: g.other, Got: f.Value / other, Most: g.most, Margin: g.margin}
			if g.over {
				held.Over, held.Got = true, f.Value-other
			}
			f.Goals = append(f.Goals, held)
		}
		out = append(out, f)
	}
	return out
}

// fastestPeer stands for whichever of the peers that could be had is fastest.
const fastestPeer = "the fastest peer"

func fastest(racers []*racer) (best *racer) {
	for _, a := range racers {
		if a.peer && (best == nil || a.times.percentile(50) < best.times.percentile(50)) {
			best = a
		}
	}
	return best
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (f figure) value() string {
	switch f.Unit {
	case "per hour", "ms an hour", "a second":
		return fmt.Sprintf("%.0f %s", f.Value, f.Unit)
	}
	return fmt.Sprintf("%.2f %s", f.Value, f.Unit)
}

// spread says how far apart the single ones were.
func (f figure) spread() string {
	switch {
	case f.P99 > 0:
		return fmt.Sprintf("p99 %.2f, p99.9 %.2f", f.P99, f.P999)
	case f.High > 0:
		return fmt.Sprintf("%.2f to %.2f", f.Low, f.High)
	}
	return ""
}
