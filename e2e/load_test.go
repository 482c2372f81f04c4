//go:build linux

package e2e

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// load is helpers that run one after the other without a pause, several at once.
type load struct {
	s    *stand
	want keys
	over chan struct{}
	all  sync.WaitGroup

	answered []atomic.Int64 // by each caller
	stopping sync.Once

	mu   sync.Mutex
	lost []string // what became of each request without an answer
}

// load starts one caller for each path of a helper named. Each answer has to be
// the session want.
func (s *stand) load(want keys, helpers ...string) *load {
	l := &load{s: s, want: want, over: make(chan struct{}), answered: make([]atomic.Int64, len(helpers))}
	for n, helper := range helpers {
		l.all.Go(func() { l.call(n, helper) })
	}
	s.t.Cleanup(l.stop)
	return l
}

func (l *load) stop() {
	l.stopping.Do(func() { close(l.over) })
	l.all.Wait()
}

func (l *load) call(n int, helper string) {
	for {
		select {
		case <-l.over:
			return
		default:
		}
		o := l.s.Run(helper, "actor")
		k, err := o.Served()
		if err == nil && k.Keys != l.want.Keys {
			err = fmt.Errorf("the answer is another session, %s", k.AccessKeyID)
		}
		if err != nil {
			l.mu.Lock()
			l.lost = append(l.lost, fmt.Sprintf("%s: %v", helper, err))
			l.mu.Unlock()
		}
		l.answered[n].Add(1)
	}
}

// goesOn waits until every caller has had ten more answers.
func (l *load) goesOn() {
	l.s.t.Helper()
	var want []int64
	for n := range l.answered {
		want = append(want, l.answered[n].Load()+10)
	}
	l.s.eventually("each caller is answered ten times more", patience, func() bool {
		for n := range want {
			if l.answered[n].Load() < want[n] {
				return false
			}
		}
		return true
	})
}

// end stops the callers and asserts that no request was lost.
func (l *load) end() {
	l.s.t.Helper()
	l.stop()
	total := int64(0)
	for n := range l.answered {
		total += l.answered[n].Load()
	}
	l.s.t.Logf("%d requests, %d lost", total, len(l.lost))
	for _, lost := range l.lost[:min(len(l.lost), 5)] {
		l.s.t.Errorf("lost: %s", lost)
	}
}
