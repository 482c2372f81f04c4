package main

import (
	"testing"
	"time"
)

func TestBarShowsTenthsAndNeverMoreThanIsLeft(t *testing.T) {
	for _, c := range []struct {
		left, whole time.Duration
		want        string
	}{
		{time.Hour, time.Hour, "##########"},
		{2 * time.Hour, time.Hour, "##########"},
		{59 * time.Minute, time.Hour, "#########."},
		{30 * time.Minute, time.Hour, "#####....."},
		{time.Second, time.Hour, "#........."},
		{0, time.Hour, ".........."},
		{-time.Hour, time.Hour, ".........."},
		{time.Hour, 0, ".........."},
	} {
		if got := bar(c.left, c.whole, false); got != c.want {
			t.Errorf("bar(%v, %v) = %q, want %q", c.left, c.whole, got, c.want)
		}
	}
	if got := bar(time.Minute, 2*time.Minute, true); got != "█████░░░░░" {
		t.Errorf("in Unicode: %q", got)
	}
}

func TestBriefSaysNoMoreThanThereIs(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Minute:                          "0s",
		0:                                     "0s",
		59*time.Second + 999*time.Millisecond: "59s",
		time.Minute:                           "1m",
		59*time.Minute + 59*time.Second:       "59m",
		time.Hour:                             "1h00m",
		65 * time.Minute:                      "1h05m",
		24*time.Hour - time.Second:            "23h59m",
		36 * time.Hour:                        "1d12h",
		10*24*time.Hour + 3*time.Hour + time.Minute: "10d03h",
	} {
		if got := brief(d); got != want {
			t.Errorf("brief(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestAgoSaysHowLongSince(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "never"},
		{now.Add(time.Hour), "just now"}, // the clock was set back
		{now.Add(-4 * time.Second), "just now"},
		{now.Add(-5 * time.Second), "5s ago"},
		{now.Add(-2 * time.Minute), "2m ago"},
		{now.Add(-50 * time.Hour), "2d02h ago"},
	} {
		if got := ago(now, c.at); got != c.want {
			t.Errorf("ago(%v) = %q, want %q", now.Sub(c.at), got, c.want)
		}
	}
}

func TestCutKeepsToTheWidth(t *testing.T) {
	for _, c := range []struct {
		text    string
		width   int
		unicode bool
		want    string
	}{
		{"access denied", 0, false, "access denied"},
		{"access denied", 13, false, "access denied"},
		{"access denied", 12, false, "access de..."},
		{"access denied", 8, true, "access…"},
		{"zugriff für öl", 11, true, "zugriff fü…"},
		{"access denied", 3, false, "..."},
		{"access denied", 2, false, ""},
	} {
		if got := cut(c.text, c.width, c.unicode); got != c.want {
			t.Errorf("cut(%q, %d, %v) = %q, want %q", c.text, c.width, c.unicode, got, c.want)
		}
	}
}
