//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// row is one fault: what is done, and what has to come of it.
type row struct {
	number int
	fault  string
	expect string
	waits  int // about so many seconds, beside others; 0: it works, or measures, and runs alone
	do     func(*trial)
}

// trial is one run of a row. Its methods may be called from any goroutine, but
// for those that end it.
type trial struct {
	*shop
	ctx context.Context
	row row

	mu       sync.Mutex
	tried    int
	right    int
	wrong    []string // the first few
	figures  []figure
	notes    []string
	absent   string // why it was not run
	cleanups []func()
}

// figure is the worst that was seen of something.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

type (
	notRun struct{ why string }
	over   struct{}
)

// run runs one row to its end, whatever becomes of it.
func (s *shop) run(ctx context.Context, w row) (res result) {
	t := &trial{shop: s, ctx: ctx, row: w}
	began := time.Now()
	defer func() {
		res = t.result(time.Since(began))
	}()
	defer t.cleanUp()
	defer func() {
		switch v := recover().(type) {
		case nil, over:
		case notRun:
			t.mu.Lock()
			t.absent = v.why
			t.mu.Unlock()
		default:
			t.violate("the row itself panics: %v\n%s", v, debug.Stack())
		}
	}()
	w.do(t)
	return res
}

// cleanUp undoes what was set up, the last first; that is where most of what
// every row has to hold is looked at.
func (t *trial) cleanUp() {
	for {
		t.mu.Lock()
		n := len(t.cleanups)
		if n == 0 {
			t.mu.Unlock()
			return
		}
		f := t.cleanups[n-1]
		t.cleanups = t.cleanups[:n-1]
		t.mu.Unlock()
		func() {
			defer func() {
				if v := recover(); v != nil && v != (over{}) {
					t.violate("cleaning up panics: %v\n%s", v, debug.Stack())
				}
			}()
			f()
		}()
	}
}

// check counts one try, right when err is nil.
func (t *trial) check(err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tried++
	if err == nil {
		t.right++
		return true
	}
	t.wrongLocked(err.Error())
	return false
}

// checkf counts one try, right when ok; else the text says why not.
func (t *trial) checkf(ok bool, format string, args ...any) bool {
	if ok {
		return t.check(nil)
	}
	return t.check(fmt.Errorf(format, args...))
}

// violate records that something every row has to hold was not held.
func (t *trial) violate(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrongLocked(fmt.Sprintf(format, args...))
}

func (t *trial) wrongLocked(why string) {
	const enough = 8
	if len(t.wrong) < enough && !slices.Contains(t.wrong, why) {
		t.wrong = append(t.wrong, why)
	}
}

// most keeps the worst of a duration.
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

// size is how often something is done: small in the bounded size, full else.
func (t *trial) size(small, full int) int {
	if t.options.full {
		return full
	}
	return small
}

// beside runs parts of a row at the same time, since each mostly waits.
func (t *trial) beside(parts ...func(*trial)) {
	ended := make(chan any, len(parts))
	for _, part := range parts {
		go func() {
			defer func() { ended <- recover() }()
			part(t)
		}()
	}
	var first any
	for range parts {
		if v := <-ended; first == nil {
			first = v
		}
	}
	if first != nil {
		panic(first)
	}
}

// needRoot leaves the row out where its fault takes root to make.
func (t *trial) needRoot(what string) {
	if !t.root {
		panic(notRun{what + " takes root"})
	}
}

// What keyringtest asks of whoever needs a keyring.

func (t *trial) Helper() {}

func (t *trial) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

func (t *trial) Fatalf(format string, args ...any) {
	t.violate(format, args...)
	panic(over{})
}

func (t *trial) Fatal(args ...any) { t.Fatalf("%s", fmt.Sprint(args...)) }

func (t *trial) Skipf(format string, args ...any) { panic(notRun{fmt.Sprintf(format, args...)}) }

// TempDir is a folder of the row's own, with a path short enough for a socket.
func (t *trial) TempDir() string {
	dir, err := os.MkdirTemp("", fmt.Sprintf("us%d-", t.row.number))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.options.keep {
			os.RemoveAll(dir)
		}
	})
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// must ends the row when err is not nil: the fault could not be made.
func (t *trial) must(err error) {
	if err != nil {
		t.Fatalf("the fault cannot be made: %v", err)
	}
}
