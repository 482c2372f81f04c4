//go:build linux

package faults

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"understudy/internal/sandbox"
)

// overdue makes a world whose actor has a session in the keychain that every
// request finds due: of an hour, 18 minutes are left on the boot clock. What
// happens to STS from now on meets it.
func (t *trial) overdue(in *enclave) (w *world, first string) {
	w = t.world()
	if in != nil {
		w.StopSTS()
		w.in = in
		w.ServeSTS(w.STS)
		w.profiles(actor)
	}
	w, _ = w.withKeyring()
	o := w.warm()
	w.storedWithin(10 * time.Second)
	w.aged(42 * time.Minute)
	return w, o.Stdout
}

// keeps counts one try, right when the actor is still served what it was.
func (w *world) keeps(what, first string) {
	o := w.ask(actor)
	err := served(o)
	if err == nil && o.Stdout != first {
		err = fmt.Errorf("another session")
	}
	if err != nil {
		err = fmt.Errorf("%s: the last good session is not served: %w", what, err)
	}
	w.most("last good", o.Took)
	w.check(err)
}

// outage is row 12: STS cannot be reached, in four ways.
func outage(t *trial) {
	t.needRoot("a network of its own")
	t.parallel(map[string]func(*trial){
		"refused": func(t *trial) {
			w, first := t.overdue(t.network())
			w.StopSTS()
			w.siege("refused", first, w.opened)
		},
		"unreachable": func(t *trial) {
			w, first := t.overdue(t.network())
			t.must(w.in.loopback(false))
			w.siege("unreachable", first, w.opened)
			t.must(w.in.loopback(true))
		},
		"DNS hangs": func(t *trial) {
			n := t.names()
			w, first := n.overdue()
			n.hang.Store(true)
			w.siege("DNS hangs", first, func() int { return int(n.asked.Load()) })
			n.hang.Store(false)
		},
		"DNS lies": func(t *trial) {
			n := t.names()
			w, first := n.overdue()
			n.lie.Store(true)
			w.siege("DNS lies", first, func() int { return int(n.misled.Load()) })
		},
	})
}

// siege makes helpers ask continuously, and checks that the calls in this
// time stay below the number that is promised for five minutes.
func (w *world) siege(what, first string, calls func() int) {
	before, began := calls(), time.Now()
	for window := time.Duration(w.size(50, 300)) * time.Second; time.Since(began) < window && w.ctx.Err() == nil; {
		for _, o := range w.crowd(20, fetchLimit, actor) {
			err := served(o)
			if err == nil && o.Stdout != first {
				err = fmt.Errorf("another session")
			}
			if err != nil {
				err = fmt.Errorf("%s: the last good session is not served: %w", what, err)
			}
			w.most("last good", o.Took)
			w.check(err)
		}
		time.Sleep(2 * time.Second)
	}
	n := calls() - before
	w.worst("calls", float64(n), "")
	w.checkf(n > 0 && n <= 12, "%s: %d calls in %v", what, n, time.Since(began).Round(time.Second))
	w.add("cold")
	w.check(refused(w.ask("cold"), 6))
	w.check(refused(w.quick("cold"), 6))
}

// opened counts the connections that were tried in the world's network.
func (w *world) opened() int {
	var text []byte
	var err error
	w.inside(func() { text, err = os.ReadFile("/proc/thread-self/net/snmp") })
	w.must(err)
	return counter(string(text), "Tcp:", "ActiveOpens") + counter(string(text), "Ip:", "OutNoRoutes")
}

// counter reads one number of /proc/net/snmp, where a line of names stands above
// one of numbers.
func counter(text, table, name string) int {
	var names []string
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != table {
			continue
		}
		for i, column := range names {
			if column == name {
				n := 0
				fmt.Sscan(fields[i], &n)
				return n
			}
		}
		names = fields
	}
	return 0
}

// slow is row 13.
func slow(t *trial) {
	parts := map[string]func(*trial){}
	for _, fault := range []struct {
		name, says string
		b          sandbox.Behaviour
	}{
		{"slow", "no answer", sandbox.Behaviour{Fault: sandbox.Fault{Delay: 30 * time.Second}}},
		{"dripping", "no answer", sandbox.Behaviour{Drip: 100 * time.Millisecond}},
		{"huge", "64 KiB", sandbox.Behaviour{Fault: sandbox.Fault{Body: &sandbox.Body{Type: "text/xml", Text: strings.Repeat("    ", 25<<10), Repeat: 1 << 10}}}},
	} {
		parts[fault.name] = func(t *trial) {
			w, first := t.overdue(nil)
			w.profiles(append(names("cold", 3), actor)...)
			w.behave(fault.b)
			w.keeps(fault.name, first)
			for _, name := range names("cold", 3) {
				for _, o := range w.crowd(t.size(20, 200), fetchLimit, name) {
					t.most("refused", o.Took)
					t.check(refused(o, 6, fault.says))
				}
			}
			for range 5 {
				w.keeps(fault.name, first)
			}
			if n := w.assumed(); n > 1+2*3+12 {
				t.violate("%s: %d calls to STS", fault.name, n)
			}
			w.behave(sandbox.Behaviour{})
		}
	}
	t.parallel(parts)
}

// throttled is row 14.
func throttled(t *trial) {
	for _, fault := range []struct {
		name string
		b    sandbox.Behaviour
		rest time.Duration // that was asked for
	}{
		{"throttled", sandbox.Behaviour{Fault: sandbox.Fault{Code: "Throttling", Message: "Rate exceeded"}}, 0},
		{"429 with Retry-After", sandbox.Behaviour{Fault: sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: 3 * time.Second}}, 3 * time.Second},
		{"500", sandbox.Behaviour{Fault: sandbox.Fault{Status: 500}}, 0},
		{"502", sandbox.Behaviour{Fault: sandbox.Fault{Status: 502}}, 0},
		{"503 with Retry-After", sandbox.Behaviour{Fault: sandbox.Fault{Status: 503, RetryAfter: 2 * time.Second}}, 2 * time.Second},
		{"504", sandbox.Behaviour{Fault: sandbox.Fault{Status: 504}}, 0},
	} {
		w, first := t.overdue(nil)
		w.profiles(actor, "cold")
		w.behave(fault.b)
		began, calls := time.Now(), w.assumed()
		for _, o := range w.crowd(200, fetchLimit, "cold") {
			t.most("refused", o.Took)
			t.check(refused(o, 6))
		}
		most := 2 // one retry for the waiters: a lost packet is no outage
		if fault.rest > 0 {
			most = 1
		}
		if n := w.assumed() - calls; time.Since(began) < time.Second {
			t.checkf(n <= most, "%s: %d calls for 200 helpers, want at most %d", fault.name, n, most)
		}
		w.keeps(fault.name, first)
		w.behave(sandbox.Behaviour{})
		if fault.rest > 0 {
			calls = w.assumed()
			for time.Since(began) < fault.rest-500*time.Millisecond {
				t.check(refused(w.quick("cold"), 6))
			}
			t.checkf(w.assumed() == calls, "%s: STS was asked again after %v", fault.name, time.Since(began))
		}
		back := w.eventually(fault.rest+4*time.Second, fault.name+": a session after all", func() bool { return w.ask("cold").Status == 0 })
		t.most("served again", back)
	}
}

// senseless is row 15.
func senseless(t *trial) {
	faults := map[string]sandbox.Behaviour{
		"HTML 200":  {Fault: sandbox.Fault{Body: &sandbox.Body{Text: "<html><body>Please log in</body></html>"}}},
		"empty 200": {Fault: sandbox.Fault{Body: &sandbox.Body{Type: "text/xml"}}},
		"an image":  {Fault: sandbox.Fault{Body: &sandbox.Body{Type: "image/png", Text: "\x89PNG\r\n\x1a\n"}}},
	}
	for _, m := range sandbox.Mutations() {
		faults[string(m)] = sandbox.Behaviour{Mutate: m}
	}
	w, first := t.overdue(nil)
	cold := names("cold", len(faults)*t.size(1, 10))
	w.profiles(append(cold, actor)...)
	for range t.size(1, 10) {
		for name, b := range faults {
			w.again() // no back-off stands between the actor and STS
			w.behave(b)
			calls := w.assumed()
			w.keeps(name, first)
			t.checkf(w.assumed() > calls, "%s: STS was not asked", name)
			t.check(refused(w.ask(cold[0]), 6))
			t.check(refused(w.quick(cold[0]), 6))
			cold = cold[1:]
		}
	}
	w.behave(sandbox.Behaviour{})
	w.again()
	o := w.ask(actor)
	t.check(served(o))
	t.checkf(o.Stdout != first, "a good answer is not taken any more")
}
