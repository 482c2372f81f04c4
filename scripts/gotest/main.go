// Command gotest runs go test with the arguments given and prints what it
// prints. It also prints one line with the reason for each skipped test,
// which go test does not show, so that an incomplete run does not look
// complete. With CI=true a skip makes the exit status 1.
//
// With SUMMARY=FILE the verdicts over packages and the output of failed tests are
// appended to that file, with records of what was skipped and how long each package
// took. At the end of a longer run
//
//	gotest -summary FILE
//
// prints all of that: the last line has the verdict, and how many tests were
// skipped, and why.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 2 && args[0] == "-summary" {
		f, err := os.Open(args[1])
		if err != nil {
			fmt.Fprintln(stderr, "gotest:", err)
			return 1
		}
		defer f.Close()
		return summarize(f, stdout)
	}
	ci := os.Getenv("CI") == "true"
	report := report{out: stdout, summary: io.Discard, verbose: ci}
	if slices.Contains(args, "-race") {
		report.label = " (race)"
	}
	if path := os.Getenv("SUMMARY"); path != "" {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			fmt.Fprintln(stderr, "gotest:", err)
			return 1
		}
		defer f.Close()
		report.summary = f
	}

	test := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	test.Stderr = stderr
	events, err := test.StdoutPipe()
	if err != nil {
		fmt.Fprintln(stderr, "gotest:", err)
		return 1
	}
	if err := test.Start(); err != nil {
		fmt.Fprintln(stderr, "gotest:", err)
		return 1
	}
	report.read(events)
	err = test.Wait()

	for _, skip := range report.skips {
		fmt.Fprintln(stdout, "skipped:", skip)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1)
	}
	if err != nil {
		fmt.Fprintln(stderr, "gotest:", err)
		return 1
	}
	if ci && len(report.skips) > 0 {
		fmt.Fprintf(stdout, "FAIL\t%d skipped, and with CI=true nothing may be\n", len(report.skips))
		return 1
	}
	return 0
}
