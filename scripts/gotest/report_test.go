package main

import (
	"strings"
	"testing"
)

const events = `{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"TestFine","Output":"=== RUN   TestFine\n"}
{"Action":"output","Package":"p","Test":"TestFine","Output":"    a_test.go:3: chatter\n"}
{"Action":"output","Package":"p","Test":"TestFine","Output":"--- PASS: TestFine (0.00s)\n"}
{"Action":"pass","Package":"p","Test":"TestFine"}
{"Action":"output","Package":"p","Test":"TestAway","Output":"=== RUN   TestAway\n"}
{"Action":"output","Package":"p","Test":"TestAway","Output":"    a_test.go:9: npm: not on this machine\n"}
{"Action":"output","Package":"p","Test":"TestAway","Output":"--- SKIP: TestAway (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestAway"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"    a_test.go:12: got 1, want 2\n"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"--- FAIL: TestBad (0.00s)\n"}
{"Action":"fail","Package":"p","Test":"TestBad","Elapsed":0.04}
go: not an event
{"Action":"build-output","ImportPath":"q","Output":"q.go:1: undefined: x\n"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p","Elapsed":0.1}
{"Action":"output","Package":"r","Output":"ok  \tr\t0.1s\n"}
`

func TestQuietReportPrintsWhatGoTestPrintsAndCollectsSkips(t *testing.T) {
	var out, summary strings.Builder
	r := report{out: &out, summary: &summary}
	r.read(strings.NewReader(events))

	want := "    a_test.go:12: got 1, want 2\n--- FAIL: TestBad (0.00s)\n" +
		"go: not an event\nq.go:1: undefined: x\nFAIL\tp\t0.1s\nok  \tr\t0.1s\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
	want = "#skip\tp\tTestAway\tnpm: not on this machine\n    a_test.go:12: got 1, want 2\n--- FAIL: TestBad (0.00s)\n" +
		"FAIL\tp\t0.1s\n#took\t0.1\tp\tTestBad\t0.0\nok  \tr\t0.1s\n"
	if summary.String() != want {
		t.Errorf("summary %q, want %q", summary.String(), want)
	}
	if len(r.skips) != 1 || r.skips[0] != "p TestAway: npm: not on this machine" {
		t.Errorf("skips %q", r.skips)
	}
}

func TestVerboseReportShowsEveryVerdict(t *testing.T) {
	var out, summary strings.Builder
	r := report{out: &out, summary: &summary, verbose: true}
	r.read(strings.NewReader(events))
	for _, line := range []string{"--- PASS: TestFine", "--- SKIP: TestAway", "--- FAIL: TestBad", "chatter"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is missing in\n%s", line, out.String())
		}
	}
	if strings.Contains(out.String(), "=== RUN") {
		t.Error("=== lines are printed")
	}
}

func TestATestCutShortIsHeard(t *testing.T) {
	var out, summary strings.Builder
	r := report{out: &out, summary: &summary}
	r.read(strings.NewReader(`{"Action":"output","Package":"p","Test":"TestHangs","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"p"}
`))
	for name, got := range map[string]string{"output": out.String(), "summary": summary.String()} {
		if !strings.Contains(got, "panic: test timed out") {
			t.Errorf("%s: %q", name, got)
		}
	}
}
