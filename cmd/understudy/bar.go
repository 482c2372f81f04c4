package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// barCells is the bar's length; a cell is a tenth of the session's life.
const barCells = 10

// bar shows how much of whole is left. Anything left fills at least one cell,
// and the last cell is full only when all is left: a bar never promises more
// than there is.
func bar(left, whole time.Duration, unicode bool) string {
	full, empty := "#", "."
	if unicode {
		full, empty = "█", "░"
	}
	n := 0
	if whole > 0 && left > 0 {
		n = min(max(int(left*barCells/whole), 1), barCells)
	}
	return strings.Repeat(full, n) + strings.Repeat(empty, barCells-n)
}

// brief is d to two figures: "45s", "37m", "1h05m", "2d03h". Parts of a unit
// are left out, so that no more is said than there is.
func brief(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	const day = 24 * time.Hour
	return fmt.Sprintf("%dd%02dh", d/day, d%day/time.Hour)
}

// ago says how long before now t was; the zero time is never.
func ago(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	if d < 5*time.Second { // and what a clock set back makes later than now
		return "just now"
	}
	return brief(d) + " ago"
}

// cut shortens s to width cells; 0 means no limit. One character is taken for
// one cell, which is right for all but East Asian text.
func cut(s string, width int, unicode bool) string {
	if width <= 0 || utf8.RuneCountInString(s) <= width {
		return s
	}
	mark := "..."
	if unicode {
		mark = "…"
	}
	keep := width - utf8.RuneCountInString(mark)
	if keep < 0 {
		return mark[:0]
	}
	return strings.TrimRight(string([]rune(s)[:keep]), " ") + mark
}
