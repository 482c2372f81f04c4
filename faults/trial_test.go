//go:build linux

package faults

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// row is one fault: what is done, and what must come of it.
type row struct {
	number int
	fault  string
	expect string
	waits  int // about so many seconds, in parallel with other rows; 0: it uses the CPU or measures, and runs alone
	do     func(*trial)
}

// trial is one run of a row, or of a part of it. Its methods may be called from any
// goroutine, except those that end it.
type trial struct {
	*testing.T
	*suite
	*tally
	row row
}

// tally is the result of a row; the parts of the row share it.
type tally struct {
	mu      sync.Mutex
	tried   int
	right   int
	wrong   []string // the first few
	figures []figure
	notes   []string
	absent  string // why it was not run
}

// figure is the worst value that was measured of something.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// check counts one try, right when err is nil.
func (t *trial) check(err error) bool {
	t.Helper()
	t.mu.Lock()
	t.tried++
	if err == nil {
		t.right++
	}
	t.mu.Unlock()
	if err != nil {
		t.violate("%v", err)
	}
	return err == nil
}

// checkf counts one try, right if ok; otherwise the text is the reason.
func (t *trial) checkf(ok bool, format string, args ...any) bool {
	t.Helper()
	if ok {
		return t.check(nil)
	}
	return t.check(fmt.Errorf(format, args...))
}

// violate records what is wrong, and fails the row.
func (t *trial) violate(format string, args ...any) {
	t.Helper()
	const enough = 8
	why := fmt.Sprintf(format, args...)
	t.mu.Lock()
	known := len(t.wrong) >= enough || slices.Contains(t.wrong, why)
	if !known {
		t.wrong = append(t.wrong, why)
	}
	t.mu.Unlock()
	if known {
		t.Fail()
		return
	}
	t.Error(why)
}

// most keeps the longest duration seen under a name.
func (t *trial) most(name string, d time.Duration) {
	if d < time.Second {
		t.worst(name, float64(d)/float64(time.Millisecond), "ms")
		return
	}
	t.worst(name, d.Seconds(), "s")
}

// worst keeps the largest value seen under a name.
func (t *trial) worst(name string, value float64, unit string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, f := range t.figures {
		if f.Name == name {
			if inMilli(value, unit) > inMilli(f.Value, f.Unit) {
				t.figures[i] = figure{name, value, unit}
			}
			return
		}
	}
	t.figures = append(t.figures, figure{name, value, unit})
}

func inMilli(value float64, unit string) float64 {
	if unit == "s" {
		return value * 1000
	}
	return value
}

// note adds a sentence to the row.
func (t *trial) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if text := fmt.Sprintf(format, args...); !slices.Contains(t.notes, text) {
		t.notes = append(t.notes, text)
	}
}

// size returns how often to do something: small at the bounded size, large at full size.
func (t *trial) size(small, large int) int {
	if *full {
		return large
	}
	return small
}

// parallel runs parts of a row at the same time, since each mostly waits, as subtests
// with these names.
func (t *trial) parallel(parts map[string]func(*trial)) {
	var all sync.WaitGroup
	for name, part := range parts {
		all.Go(func() {
			t.Run(name, func(sub *testing.T) { part(&trial{T: sub, suite: t.suite, tally: t.tally, row: t.row}) })
		})
	}
	all.Wait()
}

// needRoot skips the row unless the tests run as root. what is the fault.
func (t *trial) needRoot(what string) {
	t.Helper()
	if !t.root {
		t.Skipf("%s needs root", what)
	}
}

// Skipf marks the whole row as not run, and skips the part that calls it.
func (t *trial) Skipf(format string, args ...any) {
	t.Helper()
	t.mu.Lock()
	t.absent = fmt.Sprintf(format, args...)
	t.mu.Unlock()
	t.T.Skip(t.absent)
}

// Fatalf fails the row and ends the part that calls it.
func (t *trial) Fatalf(format string, args ...any) {
	t.Helper()
	t.violate(format, args...)
	t.FailNow()
}

func (t *trial) Fatal(args ...any) { t.Helper(); t.Fatalf("%s", fmt.Sprint(args...)) }

// TempDir is a folder of the row's own.
func (t *trial) TempDir() string { return tempDir(t.T, fmt.Sprintf("us%d-", t.row.number)) }

// must ends the row when err is not nil: the fault could not be made.
func (t *trial) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("the fault cannot be made: %v", err)
	}
}
