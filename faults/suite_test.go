//go:build linux

package faults

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var (
	full    = flag.Bool("full", false, "full size, which takes hours")
	soakFor = flag.Duration("soak", 0, "how `long` row 42 takes; 0 for as long as the size says")
	keep    = flag.Bool("keep", false, "leave the folders of all that ran, for a look")
)

// guest is the user that runs everything under test if the tests run as root:
// "nobody", because D-Bus needs a user of the password database, and every system
// has this one. stranger is another user, who need not be in the password database.
const (
	guest    = 65534
	stranger = 24102
)

// suite is what all rows share: the binaries in a folder where every user can
// run them, and the baselines of daemons at rest.
type suite struct {
	ctx     context.Context // ends when the run is interrupted
	root    bool
	bin     string       // folder of the two programs; every user can run them
	paceNow atomic.Int64 // see perStart
	crowded atomic.Int64 // helpers of all the crowds that run now
	baselines
}

// newSuite builds the programs, or takes those in UNDERSTUDY_BIN, and measures the
// machine.
func newSuite(t *testing.T) *suite {
	t.Helper()
	// The daemons that helpers start become this process's children.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatalf("become the parent of orphans: %v", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	t.Cleanup(stop)
	s := &suite{ctx: ctx, root: os.Getuid() == 0, bin: tempDir(t, "understudy-faults-")}
	if err := os.Chmod(s.bin, 0o755); err != nil {
		t.Fatal(err)
	}
	argv := []string{"../scripts/build.sh", s.bin + "/"}
	if given := os.Getenv("UNDERSTUDY_BIN"); given != "" {
		if !filepath.IsAbs(given) {
			given = filepath.Join("..", given)
		}
		argv = []string{"install", "-m", "755", "-t", s.bin, given + "/understudy", given + "/understudy-credentials"}
	}
	build := exec.Command(argv[0], argv[1:]...)
	build.Env = append(os.Environ(), "BUILD_VERSION=faults")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", argv, err, out)
	}
	if err := s.measure(); err != nil {
		t.Fatal(err)
	}
	return s
}

// perStart is what the start of one helper takes when many start at once, as last
// measured.
func (s *suite) perStart() time.Duration { return time.Duration(s.paceNow.Load()) }

// measure sets perStart. It is called again before each crowd, because others use the
// machine too: what it could do minutes ago says nothing of the crowd.
func (s *suite) measure() error {
	took, err := startsAtOnce(filepath.Join(s.bin, "understudy-credentials"))
	s.paceNow.Store(int64(took))
	return err
}

// startsAtOnce measures the time per helper when many start at once and do
// nothing else: the speed of the machine, not of understudy.
func startsAtOnce(helper string) (time.Duration, error) {
	const many = 200
	errs := make(chan error, many)
	began := time.Now()
	for range many {
		go func() { errs <- exec.Command(helper, "--version").Run() }()
	}
	var err error
	for range many {
		err = errors.Join(err, <-errs)
	}
	return time.Since(began) / many, err
}

// tempDir makes a folder that is removed after the test, unless -keep is set. Its
// path is short enough for a socket, and other users can be given access to it.
func tempDir(t *testing.T, stem string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", stem)
	if err != nil {
		t.Fatal(err)
	}
	if !*keep {
		t.Cleanup(func() { os.RemoveAll(dir) })
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// user is the user that a world's programs run as; nil is the one who runs the tests.
func (s *suite) user() *syscall.Credential {
	if !s.root {
		return nil
	}
	return &syscall.Credential{Uid: guest, Gid: guest}
}

// together is how many waiting rows run at the same time.
const together = 7

// TestFaults has one subtest per row, named by its number. Rows that mostly wait run
// at the same time, the longest first; then those that work or measure, one at a
// time.
func TestFaults(t *testing.T) {
	if flag.Lookup("test.run").Value.String() == "" {
		t.Skip("takes minutes, and root for some rows; to run it: make faults, or go test -run TestFaults")
	}
	s := newSuite(t)
	found = newReport()
	began := time.Now()
	slots := make(chan struct{}, together)
	var waiting sync.WaitGroup
	for _, w := range slices.SortedStableFunc(slices.Values(rows()), func(a, b row) int { return b.waits - a.waits }) {
		if s.ctx.Err() != nil {
			break
		}
		if w.waits == 0 {
			waiting.Wait()
			s.run(t, w)
			continue
		}
		slots <- struct{}{}
		waiting.Go(func() {
			defer func() { <-slots }()
			s.run(t, w)
		})
	}
	waiting.Wait()
	found.Took = time.Since(began).Round(time.Second).Seconds()
	if s.ctx.Err() != nil {
		t.Error("interrupted")
	}
}

// run runs one row, if it is selected.
func (s *suite) run(t *testing.T, w row) {
	t.Run(fmt.Sprint(w.number), func(t *testing.T) {
		one := &trial{T: t, suite: s, tally: &tally{}, row: w}
		began := time.Now()
		t.Cleanup(func() { // runs last: other cleanups check most of what every row must keep
			if one.tried == 0 && !t.Skipped() {
				one.violate("nothing was tried")
			}
			res := one.result(time.Since(began))
			found.add(res)
			t.Log(res)
		})
		w.do(one)
		if one.absent != "" { // in one of its parts
			t.Skip(one.absent)
		}
	})
}
