package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// preface is the text above the table in docs/bench.md.
//
//go:embed preface.md
var preface string

// report is everything one run found, and on what.
type report struct {
	At      time.Time `json:"at"`
	Machine machine   `json:"machine"`
	Rounds  int       `json:"rounds"`         // of each heat
	Stub    bool      `json:"stub,omitempty"` // no real daemon answered
	Figures []figure  `json:"figures"`
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

// skip adds the row of what was not measured, with the reason.
func (r *report) skip(title string, why *absence) {
	verdict := "left out"
	if why.peer {
		verdict = noPeer
	}
	r.add(figure{Title: title, Note: why.Error(), Absent: verdict})
}

// missed lists the goals that were missed.
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

// markdown prints the table, then what it was measured on.
func (r *report) markdown(w io.Writer) {
	fmt.Fprintln(w, "| | median | p10 to p90, or as noted | goal | |")
	fmt.Fprintln(w, "| --- | ---: | ---: | --- | --- |")
	for _, f := range r.Figures {
		title := f.Title
		if f.Note != "" {
			title += " (" + f.Note + ")"
		}
		if len(f.Goals) == 0 {
			line(w, title, f.value(), f.Spread, "", cmp.Or(f.Absent, "no goal"))
		}
		for i, g := range f.Goals {
			if i == 0 {
				line(w, title, f.value(), f.Spread, g.text(f.Unit), g.verdict())
			} else {
				line(w, "", "", "", g.text(f.Unit), g.verdict())
			}
		}
	}
	m := r.Machine
	fmt.Fprintf(w, "\n%d heats of %d rounds on %d cores of %s, %s/%s, kernel %s, %s, load before %s, at %s.\n",
		heats, r.Rounds, m.Cores, cmp.Or(m.CPU, "unknown"), m.OS, m.Arch, cmp.Or(m.Kernel, "unknown"), m.Go, cmp.Or(m.Load, "unknown"), r.At.Format(time.RFC3339))
	if r.Stub {
		fmt.Fprintln(w, "A stub answered in the daemon's place.")
	}
}

// line prints one line of the table.
func line(w io.Writer, cells ...string) {
	fmt.Fprint(w, "|")
	for _, cell := range cells {
		fmt.Fprint(w, strings.TrimRight(" "+strings.ReplaceAll(cell, "|", `\|`), " "), " |")
	}
	fmt.Fprintln(w)
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
