package main

import (
	"fmt"
	"strings"

	"understudy/internal/doctor"
	"understudy/internal/text"
)

// diagnosis is what `understudy doctor` prints: the findings by profile, and a
// line that counts them.
func diagnosis(found []doctor.Finding, profiles int, s screen) string {
	var b strings.Builder
	about := "\x00"
	for _, f := range found {
		if f.Profile != about {
			if about = f.Profile; b.Len() > 0 {
				b.WriteString("\n")
			}
			title := "files and machine"
			if about != "" {
				title = "profile " + text.Line(about)
			}
			b.WriteString(s.paint(title, bold) + "\n")
		}
		writeFinding(&b, f, s)
	}
	if len(found) > 0 {
		b.WriteString("\n")
	}
	b.WriteString(tally(found, profiles) + "\n")
	return b.String()
}

// indent stands below the severity and its blanks.
const indent = "           "

func writeFinding(b *strings.Builder, f doctor.Finding, s screen) {
	where := ""
	if f.File != "" {
		where = text.Line(f.File)
		if f.Line > 0 {
			where += fmt.Sprintf(":%d", f.Line)
		}
		where += ": "
	}
	fmt.Fprintf(b, "  %s %s%s\n", s.paint(fmt.Sprintf("%-8s", f.Severity), severityStyle(f.Severity)), where, text.Line(f.What))
	if f.Why != "" {
		b.WriteString(indent + text.Line(f.Why) + "\n")
	}
	switch {
	case f.Mend == "":
	case f.Run:
		b.WriteString(indent + "run: " + text.Line(f.Mend) + "\n")
	default:
		b.WriteString(indent + "mend: " + text.Line(f.Mend) + "\n")
	}
}

func severityStyle(s doctor.Severity) style {
	switch s {
	case doctor.Error:
		return red
	case doctor.Warning:
		return yellow
	}
	return dim
}

// tally says how many there are of each kind.
func tally(found []doctor.Finding, profiles int) string {
	var parts []string
	for _, severity := range []doctor.Severity{doctor.Error, doctor.Warning, doctor.Note} {
		n := 0
		for _, f := range found {
			if f.Severity == severity {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, count(n, string(severity)))
		}
	}
	looked := count(profiles, "profile") + " looked at: "
	if len(parts) == 0 {
		return looked + "nothing is wrong"
	}
	return looked + strings.Join(parts, ", ")
}
