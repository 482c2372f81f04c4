package testbed

import (
	"fmt"
	"sync"
)

// Program is a T for a program that is not a test. What would end a test makes Try
// return an error.
type Program struct {
	Stem string // of its temporary folders' names

	mu       sync.Mutex
	cleanups []func()
}

// Missing is the error of Try if a test would be skipped: the reason.
type Missing string

func (m Missing) Error() string { return string(m) }

type ended struct{ err error }

// Try runs f and returns what would have ended a test.
func (p *Program) Try(f func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case ended:
			err = v.err
		default:
			panic(v)
		}
	}()
	f()
	return nil
}

// Close undoes what was set up, the last first.
func (p *Program) Close() {
	for {
		p.mu.Lock()
		n := len(p.cleanups)
		if n == 0 {
			p.mu.Unlock()
			return
		}
		f := p.cleanups[n-1]
		p.cleanups = p.cleanups[:n-1]
		p.mu.Unlock()
		f()
	}
}

func (p *Program) Cleanup(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cleanups = append(p.cleanups, f)
}

func (p *Program) Helper()         {}
func (p *Program) TempDir() string { return TempDir(p, p.Stem) }

func (p *Program) Fatal(args ...any) { panic(ended{fmt.Errorf("%s", fmt.Sprint(args...))}) }

func (p *Program) Fatalf(format string, args ...any) { panic(ended{fmt.Errorf(format, args...)}) }

func (p *Program) Skipf(format string, args ...any) {
	panic(ended{Missing(fmt.Sprintf(format, args...))})
}
