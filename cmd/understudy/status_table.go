package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"understudy/internal/credential"
	"understudy/internal/status"
	"understudy/internal/text"
)

// cell is one field of the table.
type cell struct {
	text string
	as   style
}

// leastError is how much of an error is shown on the narrowest of terminals.
const leastError = 24

// maxProfiles bounds the first column, in characters.
const maxProfiles = 32

// table is what `understudy status` prints, whole.
func table(o overview, now time.Time, s screen) string {
	var b strings.Builder
	if o.Daemon == nil && o.Settings != nil {
		f := credential.AsFailure(o.Settings)
		return "no daemon is running, and none starts: " + text.Line(f.Reason) + "\nhint: " + text.Line(f.Hint) + "\n"
	}
	if o.Daemon == nil {
		return "no daemon is running; the first request for credentials starts one\n"
	}
	b.WriteString(about(*o.Daemon, s))
	if len(o.Sessions) == 0 {
		b.WriteString("no session yet; to get one, run: understudy get PROFILE\n")
		return b.String()
	}
	rows := [][]cell{{{"PROFILE", dim}, {"ROLE", dim}, {"ACCOUNT", dim}, {"STATE", dim}, {"TIME LEFT", dim}, {"LAST USED", dim}, {"LAST ERROR", dim}}}
	for _, session := range o.Sessions {
		rows = append(rows, row(session, now, s))
	}
	b.WriteString("\n")
	writeRows(&b, rows, s)
	return b.String()
}

// about is the head: where sessions are kept and why, and the clock when it is
// off.
func about(d status.Daemon, s screen) string {
	kept := "sessions are kept in the " + text.Line(d.Store)
	if d.Store == "memory" {
		kept = "sessions are kept in memory only"
	}
	if d.StoreReason != "" {
		kept += ": " + text.Line(d.StoreReason)
	}
	head := kept + "\n"
	skew := time.Duration(d.ClockSkewS) * time.Second
	switch {
	case skew > time.Minute:
		head += s.paint(fmt.Sprintf("this machine's clock is %s behind that of STS; set it", brief(skew)), yellow) + "\n"
	case skew < -time.Minute:
		head += s.paint(fmt.Sprintf("this machine's clock is %s ahead of that of STS; set it", brief(-skew)), yellow) + "\n"
	}
	return head
}

func row(st status.Session, now time.Time, s screen) []cell {
	left := st.ExpiresAt.Sub(now)
	as := stateStyle(st.State)
	lasts := cell{bar(left, st.ExpiresAt.Sub(st.IssuedAt.Time), s.unicode) + " " + brief(left), as}
	state := text.Line(string(st.State))
	if st.State == status.Expired || left <= 0 {
		lasts = cell{"-", dim}
	}
	if st.State == status.Expired && st.IssuedAt.IsZero() {
		state = "waiting" // there never was one: STS has not answered yet
	}
	wrong := cell{}
	if st.LastError != nil {
		wrong = cell{fmt.Sprintf("%s %s: %s", text.Line(string(st.LastError.Code)), ago(now, st.LastError.At.Time), text.Line(st.LastError.Message)), red}
	}
	return []cell{
		{cut(text.Line(strings.Join(st.Profiles, ", ")), maxProfiles, s.unicode), bold},
		roleOf(st),
		{orDash(st.AccountID), plain},
		{state, as},
		lasts,
		{ago(now, st.LastUsedAt.Time), plain},
		wrong,
	}
}

func stateStyle(st status.State) style {
	switch st {
	case status.Ready:
		return green
	case status.Renewing:
		return cyan
	case status.LoginNeeded:
		return yellow
	}
	return red
}

// roleOf is the role, or what the session is where it has none.
func roleOf(st status.Session) cell {
	if st.RoleARN == "" {
		return cell{orDash(st.Source), dim}
	}
	return cell{orDash(roleName(st.RoleARN)), plain}
}

// roleName is the last part of a role's ARN: the path before it says nothing
// that a person looks for.
func roleName(arn string) string { return text.Line(arn[strings.LastIndexAny(arn, "/:")+1:]) }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return text.Line(s)
}

// writeRows lines the columns up. The last one gets what the width leaves.
func writeRows(b *strings.Builder, rows [][]cell, s screen) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	last, before := len(widths)-1, 0
	for _, w := range widths[:last] {
		before += w + 2
	}
	rest := 0
	if s.width > 0 {
		rest = max(s.width-before, leastError)
	}
	for _, r := range rows {
		for i, c := range r[:last] {
			b.WriteString(s.paint(c.text, c.as))
			if i < last-1 || r[last].text != "" {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text)+2))
			}
		}
		b.WriteString(s.paint(cut(r[last].text, rest, s.unicode), r[last].as))
		b.WriteString("\n")
	}
}
