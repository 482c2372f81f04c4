// Command bench measures what understudy promises, and compares it with programs
// that do as much or less, in one run on one machine: ratios can be compared with
// those of another machine or day, times cannot. It prints a Markdown table and
// keeps the figures as JSON.
//
//	go run ./bench                some minutes: times, sizes, throughput, many sessions
//	go run ./bench -idle          also watch an idle daemon for five minutes
//	go run ./bench -load 10000    also read 10,000 sessions from a keychain, which takes some minutes
//	go run ./bench -check         exit status 1 if a goal is missed, or a ratio is worse than in bench/expected.json by more than its margin
//	go run ./bench -expect        write that file from this run
//	go run ./bench -doc FILE      write the table as a page
//	go run ./bench -peers DIR     look for the peers in DIR before PATH
//
// The row of a program that is not installed says so.
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
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the command line's.
type options struct {
	bin      string // folder of the two binaries
	peers    string // folder of peers; "" for PATH alone
	rounds   int    // of each heat
	warmup   int    // rounds dropped before those
	sessions int    // held while memory is measured
	many     int    // and held by a second daemon
	load     int    // read from a keychain in memory; 0 leaves that out
	herd     int    // helpers at once
	profiles int    // in the home of list and import
	only     string // part of a row's title; "" for the race and all rows
	stub     bool
	idle     bool
	idleFor  time.Duration
	check    bool
	expect   bool
	expected string // file of the ratios
	out      string // file of the JSON; "" for none
	doc      string // file of the table; "" for none

	slowRounds int           // as rounds, of programs that take half a second; 0 leaves them out
	pound      time.Duration // one server's turn under load
	settle     time.Duration // before memory is read
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.bin, "bin", "bin", "`folder` of understudy and understudy-credentials")
	f.StringVar(&o.peers, "peers", "", "`folder` of other programs of this kind, searched before PATH")
	f.IntVar(&o.rounds, "rounds", 1000, "how `often` each program is run in each of the three heats")
	f.IntVar(&o.warmup, "warmup", 50, "`rounds` dropped at the start of each heat")
	f.IntVar(&o.sessions, "sessions", 1000, "`how many` the daemon holds while its memory is measured")
	f.IntVar(&o.many, "many", 10000, "and `how many` a second daemon does")
	f.IntVar(&o.load, "load", 0, "read so `many` sessions from a keychain in memory, which for 10,000 takes minutes; 0 leaves that out")
	f.IntVar(&o.herd, "herd", 1000, "`how many` helpers start at once")
	f.IntVar(&o.profiles, "profiles", 1000, "`how many` profiles list and import read; list also with 1.5 times as many, import with twice")
	f.IntVar(&o.slowRounds, "slow-rounds", 15, "in `how many` of the rounds the slow programs run; 0 leaves those out")
	f.DurationVar(&o.pound, "pound", 400*time.Millisecond, "for so `long` a server is kept busy in each of its turns")
	f.DurationVar(&o.settle, "settle", 5*time.Second, "`wait` before memory is read")
	f.StringVar(&o.only, "only", "", "leave out the race, and the rows whose title does not hold this `text`")
	f.BoolVar(&o.stub, "stub", false, "a stub answers in the daemon's place, and only the times are measured")
	f.BoolVar(&o.idle, "idle", false, "watch an idle daemon too")
	f.DurationVar(&o.idleFor, "idle-for", 2*time.Minute, "for so `long` in each of two states")
	f.BoolVar(&o.check, "check", false, "exit with status 1 when a goal is missed, or a ratio is worse than expected by more than its margin")
	f.BoolVar(&o.expect, "expect", false, "let this run's ratios be what -check expects from now on")
	f.StringVar(&o.expected, "expected", filepath.Join("bench", "expected.json"), "`file` of the ratios that -check expects")
	f.StringVar(&o.doc, "doc", "", "`file` for the table as a page")
	f.StringVar(&o.out, "out", filepath.Join("bench", "out", "results.json"), "`file` for the figures as JSON; empty for none")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 || min(o.rounds, o.sessions, o.many, o.herd, o.profiles) < 1 || min(o.warmup, o.slowRounds, o.load) < 0 || min(o.idleFor, o.pound) <= 0 || o.settle < 0 {
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
		err = r.keep(o)
	}
	var worse []string
	if err == nil && o.check {
		worse, err = r.compare(o.expected, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return 3
	}
	if !o.check {
		return 0
	}
	missed := append(r.missed(), worse...)
	for _, m := range missed {
		fmt.Fprintf(stderr, "bench: missed: %s\n", m)
	}
	return min(len(missed), 1)
}

// measure makes the world, runs every row in it and takes it down again.
func measure(ctx context.Context, o options, progress io.Writer) (*report, error) {
	w, err := newWorld(ctx, o)
	if err != nil {
		return nil, err
	}
	defer w.close()
	r := newReport(o)
	if o.only != "" {
		return r, measureRows(ctx, w, r, progress)
	}
	racers, err := assemble(ctx, w, r)
	if err != nil {
		return nil, err
	}
	for heat := range heats {
		fmt.Fprintf(progress, "%d programs, heat %d of %d\n", len(racers), heat+1, heats)
		if err := race(ctx, racers, heat, pace{o.warmup, o.rounds, o.slowRounds}); err != nil {
			return nil, err
		}
	}
	r.Figures = append(figuresOf(racers), r.Figures...)
	if o.stub {
		return r, nil
	}
	return r, measureRows(ctx, w, r, progress)
}

func measureRows(ctx context.Context, w *world, r *report, progress io.Writer) error {
	for _, row := range rows(w.options) {
		if !strings.Contains(row.title, w.options.only) {
			continue
		}
		fmt.Fprintf(progress, "%s\n", row.title)
		figures, err := row.measure(ctx, w)
		if absent, ok := errors.AsType[*absence](err); ok {
			r.skip(row.title, absent)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", row.title, err)
		}
		r.add(figures...)
	}
	return nil
}
