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
	times := make(map[string]samples, len(racers))
	for _, a := range racers {
		times[a.title] = a.times
	}
	if fastest := fastest(racers); fastest != nil {
		times[fastestPeer] = fastest.times
	}
	var out []figure
	for _, a := range racers {
		f := figure{
			Title: a.title, Value: milliseconds(a.times.percentile(50)), Unit: "ms", Note: a.note,
			Low: milliseconds(a.times.percentile(10)), High: milliseconds(a.times.percentile(90)),
		}
		for _, g := range a.against {
			if other, ok := times[g.other]; ok {
				share, over := a.times.beside(other)
				held := goal{Of: g.other, Got: share, Most: g.most, Margin: g.margin}
				if g.over {
					held.Over, held.Got = true, over
				}
				f.Goals = append(f.Goals, held)
			}
		}
		out = append(out, f)
	}
	return out
}

// beside returns what share of other's time s took, and how many ms more: the
// middle one of all rounds, since what else the machine did in a round hit both.
// Two that did not run in the same rounds are held by their medians.
func (s samples) beside(other samples) (share, over float64) {
	if len(s) != len(other) {
		one, two := milliseconds(s.percentile(50)), milliseconds(other.percentile(50))
		return one / two, one - two
	}
	shares, overs := make([]float64, len(s)), make([]float64, len(s))
	for i := range s {
		shares[i] = float64(s[i]) / float64(other[i])
		overs[i] = milliseconds(s[i] - other[i])
	}
	return middle(shares), middle(overs)
}

func middle(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }

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
