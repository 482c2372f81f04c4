//go:build linux

// Command faults does to understudy what a bad day does: it kills, fills the
// disk, cuts the network, turns the clock, locks the keychain, and looks at what
// every caller gets meanwhile. Real processes, real sockets, a real keyring; STS
// is the sandbox. It prints a Markdown table and keeps the figures as JSON.
//
//	go run ./faults                  every row at a bounded size, some minutes
//	go run ./faults -full            at full size
//	go run ./faults -row 29,6-11     some rows
//	go run ./faults -soak 2m         row 42 alone, for so long
//
// What each row has to hold beside its own promise stands in general.go. As root
// everything under test runs as another user, in namespaces of its own; rows that
// need root to make their fault are otherwise listed as not run. So is, with the
// reason, whatever else cannot be had on a machine.
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

	"golang.org/x/sys/unix"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the command line's.
type options struct {
	bin   string // folder of the two binaries
	rows  selection
	full  bool
	soak  time.Duration // 0: as long as the size says
	write string        // file of the table; "" for none
	out   string        // file of the figures; "" for none
	keep  bool          // leave the folders
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("faults", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.bin, "bin", "bin", "`folder` of understudy and understudy-credentials")
	f.Var(&o.rows, "row", "only these `rows`, such as 29 or 1,6-11")
	f.BoolVar(&o.full, "full", false, "full size, which takes hours")
	f.DurationVar(&o.soak, "soak", 0, "only the soak, for so `long`")
	f.StringVar(&o.write, "write", "", "write the table into this `file`")
	f.StringVar(&o.out, "out", filepath.Join("faults", "out", "results.json"), "`file` for the figures as JSON; empty for none")
	f.BoolVar(&o.keep, "keep", false, "leave the folders of all that ran, for a look")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 || o.soak < 0 {
		f.Usage()
		return o, errors.New("arguments not understood")
	}
	if o.soak > 0 {
		o.rows = selection{soakRow: true}
	}
	return o, nil
}

// run runs the rows and returns the exit status: 1 when one is not right, 2 for
// arguments, 3 when nothing could be run.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	r, err := suffer(ctx, o, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "faults: %v\n", err)
		return 3
	}
	r.markdown(stdout)
	if err := r.keep(o); err != nil {
		fmt.Fprintf(stderr, "faults: %v\n", err)
		return 3
	}
	if wrong := r.wrong(); len(wrong) > 0 {
		fmt.Fprintf(stderr, "faults: not right: %v\n", wrong)
		return 1
	}
	return 0
}

// suffer makes a place for the binaries and runs the rows: those that mostly
// wait beside each other, then those that measure, one at a time.
func suffer(ctx context.Context, o options, progress io.Writer) (*report, error) {
	// The daemons that helpers start become this process's children.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("become the parent of orphans: %w", err)
	}
	s, err := newShop(o)
	if err != nil {
		return nil, err
	}
	defer s.close()
	chosen := o.rows.of(rows())
	r := newReport(o)
	began := time.Now()
	for _, result := range s.runAll(ctx, chosen, progress) {
		r.add(result)
	}
	r.Took = time.Since(began).Round(time.Second).Seconds()
	return r, ctx.Err()
}
