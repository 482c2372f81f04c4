package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of go test -json; see go doc test2json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // in seconds, of what has ended
}

// report prints the events of one go test as they come.
type report struct {
	out     io.Writer
	summary io.Writer // the lines about whole packages and failed tests, once more
	verbose bool      // as go test -v, without the === lines
	label   string    // added to packages in records
	skips   []string  // "package Test: reason"

	pending map[string][]string // by package and test, its output so far
	longest map[string]event    // by package, the end of its slowest test
}

// read prints until events ends. A line that is no event is printed as it is.
func (r *report) read(events io.Reader) {
	r.pending, r.longest = map[string][]string{}, map[string]event{}
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil {
				io.WriteString(r.out, line)
			} else {
				r.take(e)
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		io.WriteString(r.out, e.Output)
	case "output":
		if e.Test == "" {
			r.aboutPackage(e.Output)
		} else if !strings.HasPrefix(strings.TrimLeft(e.Output, " "), "=== ") {
			r.pending[key] = append(r.pending[key], e.Output)
		}
	case "skip":
		if e.Test != "" {
			why := reason(r.pending[key])
			r.skips = append(r.skips, fmt.Sprintf("%s %s: %s", e.Package, e.Test, why))
			record(r.summary, skipRecord, e.Package, e.Test, why)
		}
		r.end(key, false)
	case "pass":
		r.time(e)
		r.end(key, false)
	case "fail":
		r.time(e)
		r.end(key, true)
		if e.Test == "" {
			r.endPackage(e.Package)
		}
	}
}

// time records how long a package took, and keeps its slowest test so far.
func (r *report) time(e event) {
	longest := r.longest[e.Package]
	if e.Test == "" {
		record(r.summary, tookRecord, seconds(e.Elapsed), e.Package+r.label, longest.Test, seconds(longest.Elapsed))
	} else if e.Elapsed >= longest.Elapsed && !strings.Contains(e.Test, "/") {
		r.longest[e.Package] = e
	}
}

// endPackage prints what tests had said that never came to a verdict: a panic
// or a timeout cut them short.
func (r *report) endPackage(name string) {
	for _, key := range slices.Sorted(maps.Keys(r.pending)) {
		if strings.HasPrefix(key, name+" ") {
			r.end(key, true)
		}
	}
}

// aboutPackage prints a line that belongs to no test: the verdict over a
// package, or what it printed before a panic.
func (r *report) aboutPackage(line string) {
	if line == "PASS\n" && !r.verbose {
		return
	}
	io.WriteString(r.out, line)
	if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "FAIL\t") {
		io.WriteString(r.summary, line)
	}
}

// end prints a test's output if it is wanted, and lets go of it.
func (r *report) end(key string, failed bool) {
	for _, line := range r.pending[key] {
		if failed || r.verbose {
			io.WriteString(r.out, line)
		}
		if failed {
			io.WriteString(r.summary, line)
		}
	}
	delete(r.pending, key)
}

// reason is what t.Skip said: the last line that is not go test's own, without
// the file and line before it.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "--- ") {
			continue
		}
		if _, said, ok := strings.Cut(line, ".go:"); ok {
			if _, said, ok = strings.Cut(said, ": "); ok {
				return said
			}
		}
		return line
	}
	return "no reason given"
}
