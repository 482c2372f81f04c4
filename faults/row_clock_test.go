//go:build linux

package faults

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"understudy/internal/sandbox"
)

// clock is row 21.
func clock(t *trial) {
	t.parallel(map[string]func(*trial){"set back": setBack, "set anyhow": setAnyhow, "virtual days": virtualDays})
}

// setBack makes a session expire while the wall clock shows that hours are left
// and STS is down: no helper may get it after its true end.
func setBack(t *trial) {
	w := t.world()
	w.behave(sandbox.Behaviour{Lifetime: 75 * time.Second})
	first, err := w.warm().Served()
	t.must(err)
	wall := w.turnable()
	t.must(wall.by(-8 * time.Hour))
	w.behave(sandbox.Behaviour{Fault: sandbox.Fault{Status: 503}})
	for time.Now().Before(first.Ends.Add(3 * time.Second)) {
		began := time.Now()
		o := w.ask(actor)
		switch {
		case o.Status == 0: // ask has checked that it had not expired
			t.check(nil)
			t.checkf(time.Until(first.Ends) > 50*time.Second, "served with %v left", time.Until(first.Ends))
		case first.Ends.Sub(began) > 62*time.Second:
			t.check(fmt.Errorf("refused with %v left: %s", first.Ends.Sub(began), firstLine(o.Stderr)))
		default:
			t.check(refused(o, 6))
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.must(wall.by(0))
	w.behave(sandbox.Behaviour{})
	w.eventually(65*time.Second, "STS is asked again after the back-off", func() bool { return w.ask(actor).Status == 0 })
}

// setAnyhow turns the wall clock of a real daemon as far as people and broken
// batteries do, then a thousand times by up to five minutes.
func setAnyhow(t *trial) {
	w := t.world()
	first := w.warm()
	wall := w.turnable()
	for _, by := range []time.Duration{8 * time.Hour, -8 * time.Hour, -365 * 24 * time.Hour, -time.Since(time.Unix(1, 0))} {
		t.must(wall.by(by))
		for _, o := range w.crowd(t.size(50, 500), quickLimit, actor) {
			switch {
			case o.Status == 0:
				t.check(same(o, first))
			case by > 0:
				t.check(refused(o, 6, "clock"))
			default:
				t.check(fmt.Errorf("by %v: %s", by, firstLine(o.Stderr)))
			}
		}
		t.must(wall.by(0))
		t.check(same(w.quick(actor), first))
	}
	per := t.size(50, 1000)
	for range 1000 {
		t.must(wall.by(time.Duration(rand.Int64N(600)-300) * time.Second))
		w.trips(actor, per)
	}
	t.must(wall.by(0))
	t.check(same(w.quick(actor), first))
	t.checkf(w.assumed() <= 2, "%d calls to STS, a steady clock makes 1", w.assumed())
}

// virtualDays lets whole days pass for daemons within this program, whose clocks
// can be read by a function.
func virtualDays(t *trial) {
	n := t.size(30_000, 1_000_000)
	steady := &day{trial: t, answers: n}
	steady.pass(func(time.Duration) time.Duration { return 0 }, 0)
	t.worst("STS calls a day, steady clock", float64(steady.calls), "")
	t.note("wall clocks were set in real daemons by replacing the code that reads them; whole days, and sleep, passed in daemons within the program, %d answers each", n)
	for name, wall := range map[string]func(time.Duration) time.Duration{
		"+8 h":    func(at time.Duration) time.Duration { return onAndOff(at, 8*time.Hour) },
		"-8 h":    func(at time.Duration) time.Duration { return onAndOff(at, -8*time.Hour) },
		"-1 year": func(at time.Duration) time.Duration { return onAndOff(at, -365*24*time.Hour) },
		"1970":    func(at time.Duration) time.Duration { return onAndOff(at, -20000*24*time.Hour) },
		"1,000 jumps": func(at time.Duration) time.Duration {
			r := rand.New(rand.NewPCG(uint64(at/(86*time.Second)), 1))
			return time.Duration(r.Int64N(600)-300) * time.Second
		},
	} {
		d := &day{trial: t, answers: n, name: name}
		d.pass(wall, 0)
		t.worst("with "+name, float64(d.calls), "")
		t.checkf(d.calls <= 2*steady.calls, "%s: %d calls to STS, a steady clock makes %d", name, d.calls, steady.calls)
	}
	slept := &day{trial: t, answers: n, name: "suspended"}
	slept.pass(func(time.Duration) time.Duration { return 0 }, 50*time.Minute)
	t.worst("with sleep", float64(slept.calls), "")
	most := int(2 * float64(steady.calls) * slept.truth.get().Hours() / 24) // the days are longer by the sleep
	t.checkf(slept.calls <= most, "suspended: %d calls to STS, want at most %d", slept.calls, most)
}

// onAndOff is the offset of a clock that is wrong every other two hours.
func onAndOff(at, by time.Duration) time.Duration {
	if at/(2*time.Hour)%2 == 1 {
		return by
	}
	return 0
}

// lockedDuration is a duration that goroutines share.
type lockedDuration struct {
	mu sync.Mutex
	d  time.Duration
}

func (l *lockedDuration) get() time.Duration { l.mu.Lock(); defer l.mu.Unlock(); return l.d }

func (l *lockedDuration) set(d time.Duration) { l.mu.Lock(); defer l.mu.Unlock(); l.d = d }
