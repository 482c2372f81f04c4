//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// guest is the user whom everything under test belongs to when this program
// runs as root; D-Bus wants it to be in the password database, where every
// system has nobody. stranger is another one, whom nobody has to know.
const (
	guest    = 65534
	stranger = 24102
)

// shop is what all rows share: the binaries where every user can run them, and
// what a daemon that has done nothing yet looks like.
type shop struct {
	options  options
	root     bool
	dir      string
	perStart time.Duration // of one helper, when many start at once
	crowded  atomic.Int64  // helpers of all the crowds that run now
	baselines
}

func newShop(o options) (*shop, error) {
	dir, err := os.MkdirTemp("", "understudy-faults-")
	if err != nil {
		return nil, err
	}
	s := &shop{options: o, root: os.Getuid() == 0, dir: dir}
	err = s.install(o.bin)
	if err == nil {
		s.perStart, err = startsAtOnce(filepath.Join(o.bin, "understudy-credentials"))
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// startsAtOnce measures what one start of a helper takes, when many start at once
// and none does more than start: the speed of the machine, and not ours.
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

func (s *shop) close() {
	if !s.options.keep {
		os.RemoveAll(s.dir)
	}
}

// install copies the binaries.
func (s *shop) install(bin string) error {
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(s.dir, "bin"), 0o755); err != nil {
		return err
	}
	for _, name := range []string{"understudy", "understudy-credentials"} {
		content, err := os.ReadFile(filepath.Join(bin, name))
		if err != nil {
			return fmt.Errorf("%w; make build first", err)
		}
		if err := os.WriteFile(filepath.Join(s.dir, "bin", name), content, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// bin is the folder of the binaries that everybody can run.
func (s *shop) bin() string { return filepath.Join(s.dir, "bin") }

// user is whom the programs of a world run as; nil for whoever runs this.
func (s *shop) user() *syscall.Credential {
	if !s.root {
		return nil
	}
	return &syscall.Credential{Uid: guest, Gid: guest}
}

// together is how many rows that mostly wait run beside each other.
const together = 7

// runAll runs the rows and returns what came of each.
func (s *shop) runAll(ctx context.Context, rows []row, progress io.Writer) []result {
	var mu sync.Mutex
	var out []result
	done := func(res result) {
		mu.Lock()
		defer mu.Unlock()
		out = append(out, res)
		fmt.Fprintln(progress, res.line())
	}
	slots := make(chan struct{}, together)
	var waiting sync.WaitGroup
	// Those that wait longest first, and those that do not wait last.
	for _, w := range slices.SortedStableFunc(slices.Values(rows), func(a, b row) int { return b.waits - a.waits }) {
		if ctx.Err() != nil {
			break
		}
		if w.waits == 0 {
			waiting.Wait()
			done(s.run(ctx, w))
			continue
		}
		slots <- struct{}{}
		waiting.Go(func() {
			defer func() { <-slots }()
			done(s.run(ctx, w))
		})
	}
	waiting.Wait()
	return out
}
