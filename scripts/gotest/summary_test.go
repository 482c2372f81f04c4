package main

import (
	"fmt"
	"strings"
	"testing"
)

// summarized returns what summarize prints, its last line apart.
func summarized(lines ...string) (status int, all, last string) {
	var out strings.Builder
	status = summarize(strings.NewReader(strings.Join(lines, "\n")+"\n"), &out)
	all = strings.TrimSuffix(out.String(), "\n")
	return status, all, all[strings.LastIndex(all, "\n")+1:]
}

func TestTheLastLineSaysHowManyTestsWereSkippedAndWhy(t *testing.T) {
	status, _, last := summarized(
		"#skip\tunderstudy/e2e\tTestBoto3\tno moto (python3-venv, then make setup)",
		"#step\t13\t0\tmake lint",
		"#skip\tunderstudy/a\tTestA\tno tmux",
		"#skip\tunderstudy/e2e\tTestCLI\tno moto (python3-venv, then make setup)",
		"#step\t700\t0\tmake unit",
		"#skip\tunderstudy/a\tTestA\tno tmux", // the same one under the race detector
		"#step\t140\t0\tmake race",
	)
	if want := "all passed in 853 s; 3 skipped: 2 no moto (python3-venv, then make setup), 1 no tmux"; last != want || status != 0 {
		t.Errorf("status %d, last line %q, want %q", status, last, want)
	}
	if _, _, last := summarized("#step\t5\t0\tmake lint"); last != "all passed in 5 s; none skipped" {
		t.Errorf("last line %q", last)
	}
}

func TestAStepThatFellIsInTheLastLineAndTheStatus(t *testing.T) {
	status, all, last := summarized("FAIL\tp\t0.1s", "#step\t13\t2\tmake lint", "#step\t2\t0\tmake unit")
	if status != 1 || last != "1 of 2 steps failed in 15 s; none skipped" || !strings.Contains(all, "\nFAIL: make lint\n") || !strings.HasPrefix(all, "FAIL\tp\t0.1s\n") {
		t.Errorf("status %d\n%s", status, all)
	}
}

func TestASummaryThatCannotBeReadIsAFailure(t *testing.T) {
	status, _, last := summarized("#step\t13\t0\tmake lint", strings.Repeat("x", 2<<20), "#step\t2\t2\tmake unit")
	if status != 1 || !strings.HasPrefix(last, "FAIL: the summary cannot be read: ") {
		t.Errorf("status %d, last line %.200q", status, last)
	}
}

func TestASummaryWithoutAStepIsAFailure(t *testing.T) {
	if status, _, last := summarized("#skip\tp\tTestA\tno tmux"); status != 1 || last != "FAIL: the summary has no step" {
		t.Errorf("status %d, last line %q", status, last)
	}
}

func TestTheTableHasEachStepAndTheTenSlowestPackages(t *testing.T) {
	lines := []string{"#step\t13\t0\tmake lint"}
	for n := range 12 {
		lines = append(lines, fmt.Sprintf("#took\t%d.5\tp%d\tTestLong\t%d.1", n, n, n))
	}
	_, all, _ := summarized(lines...)
	for _, want := range []string{"     13 s  make lint\n", "   11.5 s  p11: 11.1 s TestLong\n   10.5 s  p10: 10.1 s TestLong\n    9.5 s  p9", "    2.5 s  p2: 2.1 s TestLong\nall passed"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
}

func TestTheTimesOfARunAreRecorded(t *testing.T) {
	var out, summary strings.Builder
	r := report{out: &out, summary: &summary, label: " (race)"}
	r.read(strings.NewReader(`{"Action":"pass","Package":"p","Test":"TestShort","Elapsed":0.1}
{"Action":"pass","Package":"p","Test":"TestLong/part","Elapsed":9}
{"Action":"pass","Package":"p","Test":"TestLong","Elapsed":2.26}
{"Action":"pass","Package":"p","Elapsed":2.5}
`))
	if want := "#took\t2.5\tp (race)\tTestLong\t2.3\n"; summary.String() != want {
		t.Errorf("summary %q, want %q", summary.String(), want)
	}
}
