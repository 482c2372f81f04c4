//go:build linux

package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// selection holds the numbers of rows; an empty one means all.
type selection map[int]bool

func (s *selection) String() string {
	return strings.Trim(fmt.Sprint(slices.Sorted(maps.Keys(*s))), "[]")
}

// Set reads numbers and ranges, as 1,6-11.
func (s *selection) Set(text string) error {
	if *s == nil {
		*s = selection{}
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		a, err1 := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || a < 1 || b < a || b > soakRow {
			return fmt.Errorf("no rows %q, there are 1 to %d", part, soakRow)
		}
		for n := a; n <= b; n++ {
			(*s)[n] = true
		}
	}
	return nil
}

// of returns the rows that are selected.
func (s selection) of(all []row) []row {
	if len(s) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(w row) bool { return !s[w.number] })
}
