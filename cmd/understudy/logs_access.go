package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"understudy/internal/text"
)

// accessLine puts one line of the access log into words; one that is no JSON
// of ours it leaves as it is.
func accessLine(line string) string {
	var l struct {
		At      time.Time `json:"at"`
		Profile string    `json:"profile"`
		RoleARN string    `json:"role_arn"`
		PID     int       `json:"pid"`
		By      string    `json:"by"`
		ByPID   int       `json:"by_pid"`
		Result  string    `json:"result"`
		Lost    int64     `json:"lost"`
	}
	if json.Unmarshal([]byte(line), &l) != nil || l.At.IsZero() {
		return text.Line(line)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %-15s  %s", l.At.Local().Format(time.DateTime), l.Result, l.Profile)
	if l.RoleARN != "" {
		fmt.Fprintf(&b, "  %s", l.RoleARN)
	}
	switch {
	case l.By != "":
		fmt.Fprintf(&b, "  by %s (%d)", l.By, l.ByPID)
	case l.PID != 0:
		fmt.Fprintf(&b, "  by process %d", l.PID)
	}
	if l.Lost > 0 {
		fmt.Fprintf(&b, "  (%s before it not recorded)", count(int(l.Lost), "request"))
	}
	return text.Line(b.String())
}
