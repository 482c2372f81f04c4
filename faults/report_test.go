//go:build linux

package faults

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	write = flag.String("write", "", "write the table into this `file`")
	out   = flag.String("out", filepath.Join("out", "results.json"), "`file` for the figures as JSON; empty for none")
)

// found has the results of the rows; nil if TestFaults did not run.
var found *report

// TestMain prints the table at the end, and then one line with the verdict.
func TestMain(m *testing.M) {
	status := m.Run()
	if found != nil {
		found.markdown(os.Stdout)
		if err := found.keep(); err != nil {
			fmt.Println("faults:", err)
			status = 1
		}
		line, ok := found.summary()
		fmt.Println(line)
		if !ok {
			status = 1
		}
	}
	os.Exit(status)
}

// report is everything one run found, and on what.
type report struct {
	mu sync.Mutex

	At      time.Time `json:"at"`
	Full    bool      `json:"full"`
	Kernel  string    `json:"kernel"`
	Arch    string    `json:"arch"`
	Cores   int       `json:"cores"`
	Root    bool      `json:"root"`
	Took    float64   `json:"took_s"`
	Results []result  `json:"rows"`
}

// result is what came of one row.
type result struct {
	Number  int      `json:"number"`
	Fault   string   `json:"fault"`
	Expect  string   `json:"expect"`
	Tried   int      `json:"tried"`
	Right   int      `json:"right"`
	Verdict string   `json:"verdict"` // right, wrong or not run
	Why     string   `json:"not_run,omitempty"`
	Worst   []figure `json:"worst,omitempty"`
	Wrong   []string `json:"wrong,omitempty"`
	Notes   []string `json:"notes,omitempty"`
	Took    float64  `json:"took_s"`
}

func newReport() *report {
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return &report{
		At: time.Now().UTC().Truncate(time.Second), Full: *full, Root: os.Getuid() == 0,
		Kernel: strings.TrimSpace(string(kernel)), Arch: runtime.GOARCH, Cores: runtime.NumCPU(),
	}
}

func (r *report) add(res result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Results = append(r.Results, res)
	slices.SortStableFunc(r.Results, func(a, b result) int { return cmp.Compare(a.Number, b.Number) })
}

// result sums up a row.
func (t *trial) result(took time.Duration) result {
	t.mu.Lock()
	defer t.mu.Unlock()
	res := result{
		Number: t.row.number, Fault: t.row.fault, Expect: t.row.expect,
		Tried: t.tried, Right: t.right, Worst: t.figures, Wrong: t.wrong, Notes: t.notes,
		Took: math.Round(took.Seconds()*10) / 10, Verdict: "right",
	}
	switch {
	case t.Failed():
		res.Verdict = "wrong"
	case t.absent != "":
		res.Verdict, res.Why = "not run", t.absent
	}
	return res
}

// summary returns one line, with how many rows are right or which are wrong, and
// whether the run passed. A row that was not run is a failure only with CI=true.
func (r *report) summary() (line string, ok bool) {
	numbers := map[string][]int{}
	for _, res := range r.Results {
		numbers[res.Verdict] = append(numbers[res.Verdict], res.Number)
	}
	if wrong := numbers["wrong"]; len(wrong) > 0 {
		return fmt.Sprint("faults: wrong rows: ", wrong), false
	}
	line = fmt.Sprintf("faults: %d of %d rows right", len(numbers["right"]), len(r.Results))
	if away := numbers["not run"]; len(away) > 0 {
		line += fmt.Sprint(", not run: ", away)
	}
	return line, len(r.Results) > 0 && (os.Getenv("CI") != "true" || len(numbers["not run"]) == 0)
}

func (f figure) String() string {
	switch {
	case f.Value == math.Trunc(f.Value):
		return fmt.Sprintf("%s %.0f %s", f.Name, f.Value, f.Unit)
	case f.Value >= 100:
		return fmt.Sprintf("%s %.0f %s", f.Name, f.Value, f.Unit)
	}
	return fmt.Sprintf("%s %.1f %s", f.Name, f.Value, f.Unit)
}

func (res result) worst() string {
	parts := make([]string, len(res.Worst))
	for i, f := range res.Worst {
		parts[i] = strings.TrimSpace(f.String())
	}
	return strings.Join(parts, ", ")
}

// String omits what was wrong: go test has printed it.
func (res result) String() string {
	return fmt.Sprintf("%s, %d of %d in %.1f s; %s", res.Verdict, res.Right, res.Tried, res.Took, res.worst())
}

const head = `# Faults

What was done to understudy, and what came of it. ` + "`make faults`" + ` does it again at this size in some minutes,
` + "`make faults-full`" + ` at full size. A row is right when every single try was, and when beside its own promise this
held:

- every helper ended with status 0 and whole JSON, or with another status, one line with the reason and one with a hint;
  within 5 s where it was served from memory or refused, within 15 s where STS was asked
- no answer was expired, empty, or put together from two sessions
- no marked secret stood in any output, file, argument or environment
- the daemon was alive, or there again within a second of the fault's end
- it never had more than 64 MB resident
- within 10 s it was back to the file descriptors and the goroutines it had before; connections to STS and the keychain's
  worker, which are kept for a while on purpose, do not count
- on a machine that starts programs slowly, the time that the starts take is added to the limits

`

// markdown prints the table and what has to be said beside it.
func (r *report) markdown(w io.Writer) {
	fmt.Fprintln(w, "| # | what is done | passes when | right | worst |")
	fmt.Fprintln(w, "| ---: | --- | --- | --- | --- |")
	for _, res := range r.Results {
		right := fmt.Sprintf("%d of %d", res.Right, res.Tried)
		switch res.Verdict {
		case "not run":
			right = "not run: " + res.Why
		case "wrong":
			right = "**" + right + "**"
		}
		fmt.Fprintf(w, "| %d | %s | %s | %s | %s |\n", res.Number, res.Fault, res.Expect, right, res.worst())
	}
	size := "bounded"
	if r.Full {
		size = "full"
	}
	fmt.Fprintf(w, "\n%s size, on %d cores of linux/%s, kernel %s, in %.0f s, %s.\n",
		strings.ToUpper(size[:1])+size[1:], r.Cores, r.Arch, r.Kernel, r.Took, r.At.Format(time.DateOnly))
	for _, res := range r.Results {
		if len(res.Notes) > 0 {
			fmt.Fprintf(w, "\n- Row %d: %s.", res.Number, strings.Join(res.Notes, ". "))
		}
	}
	fmt.Fprintln(w)
}

// keep writes the figures, and the page where that was asked for.
func (r *report) keep() error {
	if *write != "" {
		var b strings.Builder
		b.WriteString(head)
		r.markdown(&b)
		if err := os.WriteFile(*write, []byte(b.String()), 0o644); err != nil {
			return err
		}
	}
	if *out == "" {
		return nil
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return err
	}
	return os.WriteFile(*out, append(b, '\n'), 0o644)
}
