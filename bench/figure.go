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

// figure is one row of the table.
type figure struct {
	Title  string  `json:"title"`
	Value  float64 `json:"value,omitzero"` // the median of several
	Unit   string  `json:"unit,omitempty"`
	Spread string  `json:"spread,omitempty"`
	Note   string  `json:"note,omitempty"`
	Goals  []goal  `json:"goals,omitempty"`
	Absent string  `json:"absent,omitempty"` // the verdict if it was not measured
}

// spread shows the 10th and the 90th percentile.
func (s samples) spread() string {
	return fmt.Sprintf("%.2f to %.2f", milliseconds(s.percentile(10)), milliseconds(s.percentile(90)))
}

// tail shows the percentiles of the slowest requests.
func (s samples) tail() string {
	return fmt.Sprintf("p99 %.2f, p99.9 %.2f", milliseconds(s.percentile(99)), milliseconds(s.percentile(99.9)))
}

// figuresOf makes a figure of each racer, with its goals. A goal against a racer
// that did not run is omitted; without a peer, its verdict is noPeer.
func figuresOf(racers []*racer) []figure {
	byTitle := make(map[string]*racer, len(racers))
	for _, a := range racers {
		byTitle[a.title] = a
	}
	var out []figure
	for _, a := range racers {
		all := slices.Concat(a.times[:]...)
		f := figure{Title: a.title, Value: milliseconds(all.percentile(50)), Unit: "ms", Note: a.note, Spread: all.spread()}
		for _, g := range a.against {
			held := goal{Of: g.other, Over: g.over, Most: g.most}
			other := byTitle[g.other]
			if g.other == fastestPeer {
				if other = fastest(racers); other == nil {
					held.Absent = noPeer
					f.Goals = append(f.Goals, held)
					continue
				}
				held.Of = fmt.Sprintf("%s, %s", fastestPeer, other.title)
			}
			if other != nil {
				f.Goals = append(f.Goals, held.best(a.compare(other, g.over)))
			}
		}
		out = append(out, f)
	}
	return out
}

// compare returns, for each heat, a's share of other's time, or how many ms more it
// takes, by the 10th percentiles, which other programs affect least.
func (a *racer) compare(other *racer, over bool) []float64 {
	got := make([]float64, heats)
	for i := range got {
		one, two := milliseconds(a.times[i].percentile(10)), milliseconds(other.times[i].percentile(10))
		got[i] = one / two
		if over {
			got[i] = one - two
		}
	}
	return got
}

func middle(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }

// fastestPeer is whichever of the peers is fastest.
const fastestPeer = "the fastest peer"

func fastest(racers []*racer) (best *racer) {
	p10 := func(a *racer) time.Duration { return slices.Concat(a.times[:]...).percentile(10) }
	for _, a := range racers {
		if a.peer && (best == nil || p10(a) < p10(best)) {
			best = a
		}
	}
	return best
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (f figure) value() string {
	switch {
	case f.Absent != "":
		return ""
	case f.Unit == "per hour" || f.Unit == "ms an hour" || f.Unit == "a second":
		return fmt.Sprintf("%.0f %s", f.Value, f.Unit)
	}
	return fmt.Sprintf("%.2f %s", f.Value, f.Unit)
}
