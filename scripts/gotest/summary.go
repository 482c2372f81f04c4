package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// SUMMARY also has records: one line each, with fields separated by tabs.
// scripts/test.sh writes the step records.
const (
	skipRecord = "#skip" // package, test, reason
	tookRecord = "#took" // seconds, package, its slowest test, the seconds of that
	stepRecord = "#step" // seconds, exit status, command
)

func record(w io.Writer, fields ...string) {
	for i, f := range fields {
		fields[i] = strings.ReplaceAll(f, "\t", " ")
	}
	fmt.Fprintln(w, strings.Join(fields, "\t"))
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 1, 64) }

// slowest is the number of packages in the table of times.
const slowest = 10

// summarize prints the summary of several runs: the lines that were kept of them,
// where the time went, and in the last line the verdict, with how many tests were
// skipped and why. The status is 1 if a step failed.
func summarize(summary io.Reader, out io.Writer) int {
	var took, steps [][]string
	skips := map[string]string{} // a test that several runs skip is counted once
	total, fallen := 0, []string(nil)
	lines := bufio.NewScanner(summary)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		switch {
		case f[0] == skipRecord && len(f) == 4:
			skips[f[1]+" "+f[2]] = f[3]
		case f[0] == tookRecord && len(f) == 5:
			took = append(took, f[1:])
		case f[0] == stepRecord && len(f) == 4:
			steps = append(steps, f[1:])
			n, _ := strconv.Atoi(f[1])
			total += n
			if f[2] != "0" {
				fallen = append(fallen, f[3])
			}
		default:
			fmt.Fprintln(out, lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(out, "FAIL: the summary cannot be read:", err)
		return 1
	}
	if len(steps) == 0 {
		fmt.Fprintln(out, "FAIL: the summary has no step")
		return 1
	}
	fmt.Fprintln(out, "== where the time goes")
	for _, s := range steps {
		fmt.Fprintf(out, "%7s s  %s\n", s[0], s[2])
	}
	fmt.Fprintf(out, "the %d slowest packages, each with its slowest test\n", slowest)
	slices.SortStableFunc(took, func(a, b []string) int { return cmp.Compare(float(b[0]), float(a[0])) })
	for _, p := range took[:min(slowest, len(took))] {
		fmt.Fprintf(out, "%7s s  %s: %s s %s\n", p[0], p[1], p[3], p[2])
	}
	for _, step := range fallen {
		fmt.Fprintln(out, "FAIL:", step)
	}
	verdict := "all passed"
	if fallen != nil {
		verdict = fmt.Sprintf("%d of %d steps failed", len(fallen), len(steps))
	}
	fmt.Fprintf(out, "%s in %d s; %s\n", verdict, total, skipped(skips))
	return min(len(fallen), 1)
}

func float(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// skipped counts tests by the reason for which they were skipped.
func skipped(reasons map[string]string) string {
	if len(reasons) == 0 {
		return "none skipped"
	}
	count := map[string]int{}
	for _, reason := range reasons {
		count[reason]++
	}
	names := slices.Sorted(maps.Keys(count))
	slices.SortStableFunc(names, func(a, b string) int { return count[b] - count[a] })
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", count[name], name)
	}
	return fmt.Sprintf("%d skipped: %s", len(reasons), strings.Join(names, ", "))
}
