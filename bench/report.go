package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// preface stands above the table where it is kept as a page.
//
//go:embed preface.md
var preface string

// report is everything one run found, and on what.
type report struct {
	At      time.Time         `json:"at"`
	Machine machine           `json:"machine"`
	Rounds  int               `json:"rounds"`
	Stub    bool              `json:"stub,omitempty"` // no real daemon answered
	Figures []figure          `json:"figures"`
	Skipped map[string]string `json:"skipped,omitempty"` // title, reason
}

// machine is what figures depend on.
type machine struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Kernel string `json:"kernel,omitempty"`
	CPU    string `json:"cpu,omitempty"`
	Cores  int    `json:"cores"`
	Go     string `json:"go"`
	Load   string `json:"load,omitempty"` // runnable processes on average of the minute before; a busy machine slows Go more than C
}

func newReport(o options) *report {
	return &report{
		At: time.Now().UTC().Truncate(time.Second), Rounds: o.rounds, Stub: o.stub,
		Machine: machine{runtime.GOOS, runtime.GOARCH, kernelVersion(), cpuModel(), runtime.NumCPU(), runtime.Version(), loadAverage()},
	}
}

func (r *report) add(f ...figure) { r.Figures = append(r.Figures, f...) }

func (r *report) skip(title string, why *absence) {
	if r.Skipped == nil {
		r.Skipped = make(map[string]string)
	}
	r.Skipped[title] = why.Error()
}

// missed lists the goals that no margin excuses.
func (r *report) missed() []string {
	var out []string
	for _, f := range r.Figures {
		for _, g := range f.Goals {
			if g.missed() {
				out = append(out, f.Title+": "+f.value()+", "+g.text(f.Unit))
			}
		}
	}
	return out
}

// markdown prints the table, then what it was measured on and what is missing.
func (r *report) markdown(w io.Writer) {
	fmt.Fprintln(w, "| | median | p10 to p90, or as said | goal | |")
	fmt.Fprintln(w, "| --- | ---: | ---: | --- | --- |")
	for _, f := range r.Figures {
		title, value, span := f.Title, f.value(), f.spread()
		if f.Note != "" {
			title += " (" + f.Note + ")"
		}
		if len(f.Goals) == 0 {
			fmt.Fprintf(w, "| %s | %s | %s | | |\n", title, value, span)
		}
		for i, g := range f.Goals {
			if i > 0 {
				title, span, value = "", "", ""
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", title, value, span, g.text(f.Unit), g.verdict())
		}
	}
	m := r.Machine
	fmt.Fprintf(w, "\n%d interleaved rounds on %d cores of %s, %s/%s, kernel %s, %s, load before %s, at %s.\n",
		r.Rounds, m.Cores, orUnknown(m.CPU), m.OS, m.Arch, orUnknown(m.Kernel), m.Go, orUnknown(m.Load), r.At.Format(time.RFC3339))
	if r.Stub {
		fmt.Fprintln(w, "A stub answered in the daemon's place.")
	}
	for _, title := range slices.Sorted(maps.Keys(r.Skipped)) {
		fmt.Fprintf(w, "Left out: %s: %s.\n", title, r.Skipped[title])
	}
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// keep writes what the options ask for.
func (r *report) keep(o options) error {
	if o.out != "" {
		if err := writeJSON(o.out, r); err != nil {
			return err
		}
	}
	if o.expect {
		if err := writeJSON(o.expected, r.expectation()); err != nil {
			return err
		}
	}
	if o.doc == "" {
		return nil
	}
	var page bytes.Buffer
	page.WriteString(preface)
	r.markdown(&page)
	return os.WriteFile(o.doc, page.Bytes(), 0o644)
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}
