// Command bench measures what understudy promises, beside other programs that
// do as much or less, all of them in one run on one machine: figures of two
// machines, or of two days, are not to be compared, ratios are. It prints a
// Markdown table and keeps the figures as JSON.
//
//	go run ./bench                a minute: times, sizes, memory
//	go run ./bench -idle          and five minutes of watching a daemon do nothing
//	go run ./bench -check         exit status 1 when a goal is missed
//
// A program that is not on PATH leaves its row out, and that is said.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the command line's.
type options struct {
	bin      string // folder of the two binaries
	rounds   int
	warmup   int // rounds dropped before those
	sessions int // held while memory is measured
	stub     bool
	idle     bool
	idleFor  time.Duration
	check    bool
	out      string // file of the JSON; "" for none
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.bin, "bin", "bin", "`folder` of understudy and understudy-credentials")
	f.IntVar(&o.rounds, "rounds", 1000, "how `often` each program is run")
	f.IntVar(&o.warmup, "warmup", 50, "`rounds` before those that count")
	f.IntVar(&o.sessions, "sessions", 1000, "`how many` the daemon holds while its memory is measured")
	f.BoolVar(&o.stub, "stub", false, "a stub answers in the daemon's place, and only the times are measured")
	f.BoolVar(&o.idle, "idle", false, "watch an idle daemon too")
	f.DurationVar(&o.idleFor, "idle-for", 2*time.Minute, "for so `long` in each of two states")
	f.BoolVar(&o.check, "check", false, "exit with status 1 when a goal is missed by more than its margin")
	f.StringVar(&o.out, "out", filepath.Join("bench", "out", "results.json"), "`file` for the figures as JSON; empty for none")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 || o.rounds < 1 || o.warmup < 0 || o.sessions < 1 || o.idleFor <= 0 {
		f.Usage()
		return o, errors.New("arguments not understood")
	}
	return o, nil
}

// run measures everything and returns the exit status: 1 for a missed goal
// that was to be checked, 2 for arguments, 3 when there are no figures.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	r, err := measure(ctx, o, stderr)
	if err == nil {
		r.markdown(stdout)
		if o.out != "" {
			err = r.save(o.out)
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return 3
	}
	if missed := r.missed(); o.check && len(missed) > 0 {
		for _, m := range missed {
			fmt.Fprintf(stderr, "bench: missed: %s\n", m)
		}
		return 1
	}
	return 0
}

// measure makes the world, runs every row in it and takes it down again.
func measure(ctx context.Context, o options, progress io.Writer) (*report, error) {
	w, err := newWorld(ctx, o)
	if err != nil {
		return nil, err
	}
	defer w.close()
	r := newReport(o)
	racers, err := assemble(ctx, w, r)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "%d programs, %d rounds\n", len(racers), o.rounds)
	if err := race(ctx, racers, o.warmup, o.rounds); err != nil {
		return nil, err
	}
	r.add(figuresOf(racers)...)
	if o.stub {
		return r, nil
	}
	for _, row := range rows(o) {
		fmt.Fprintf(progress, "%s\n", row.title)
		figures, err := row.measure(ctx, w)
		if absent, ok := errors.AsType[*absence](err); ok {
			r.skip(row.title, absent)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.title, err)
		}
		r.add(figures...)
	}
	return r, nil
}
