package steer_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/sandbox/steer"
)

// show asks the gate as a service does, and returns the status, 0 for no fault, and
// the body.
func show(g *steer.Gate, op string) (int, string, http.Header) {
	var l steer.Log
	c := l.Take(op, nil, "")
	w := httptest.NewRecorder()
	shown := g.Show(w, httptest.NewRequest("GET", "/", nil), &l, c, func(status int, code, message string) {
		l.Note(c, status, code)
		http.Error(w, code+": "+message, status)
	})
	if shown != (c.Status != 0) || shown && c.Status != w.Code {
		return -1, "noted " + http.StatusText(c.Status), w.Header()
	}
	return c.Status, strings.TrimSpace(w.Body.String()), w.Header()
}

func TestAFaultIsShownToItsOperationAsOftenAsAsked(t *testing.T) {
	var g steer.Gate
	if status, _, _ := show(&g, "A"); status != 0 {
		t.Errorf("an open gate: status %d", status)
	}
	g.Set(steer.Fault{Only: "A", Next: 2, Code: "Slow", Message: "later", RetryAfter: 1500 * time.Millisecond})
	for n, want := range []int{400, 0, 400, 0} { // A, B, A, A
		status, body, h := show(&g, strings.Split("ABAA", "")[n])
		if status != want || (want != 0 && (body != "Slow: later" || h.Get("Retry-After") != "2")) {
			t.Errorf("call %d: %d %q %v, want %d", n, status, body, h, want)
		}
	}
	g.Set(steer.Fault{Body: &steer.Body{Text: "<html>"}, Code: "Slow"})
	if status, body, _ := show(&g, "A"); status != 200 || body != "<html>" {
		t.Errorf("%d %q", status, body)
	}
}

func TestADelayTakesItsTimeAndSilenceLastsUntilTheNextSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g steer.Gate
		g.Set(steer.Fault{Delay: time.Minute})
		start := time.Now()
		if status, _, _ := show(&g, "A"); status != 0 || time.Since(start) != time.Minute {
			t.Errorf("status %d after %v", status, time.Since(start))
		}
		g.Set(steer.Fault{Silent: true})
		var wg sync.WaitGroup
		var caught any
		wg.Go(func() {
			defer func() { caught = recover() }()
			show(&g, "A")
		})
		synctest.Wait()
		g.Set(steer.Fault{})
		wg.Wait()
		if caught != http.ErrAbortHandler {
			t.Errorf("the call ended with %v", caught)
		}
	})
}

func TestAMemoryKnowsASecretAgainAndKeepsNone(t *testing.T) {
	var m, other steer.Memory
	first, before := m.See("123456")
	if before != 0 || strings.Contains(first, "123456") {
		t.Errorf("%q, %d", first, before)
	}
	if again, before := m.See("123456"); again != first || before != 1 {
		t.Errorf("%q, %d; want %q, 1", again, before, first)
	}
	if different, before := m.See("654321"); different == first || before != 0 {
		t.Errorf("%q, %d", different, before)
	}
	if elsewhere, _ := other.See("123456"); elsewhere == first {
		t.Error("two memories have the same key: a code could be looked up")
	}
	if none, before := m.See(""); none != "" || before != 0 {
		t.Errorf("nothing: %q, %d", none, before)
	}
}

func TestTheLogShowsACallBeforeItIsAnswered(t *testing.T) {
	var l steer.Log
	c := l.Take("A", map[string]string{"k": "v"}, "secret")
	if got := l.Calls(); len(got) != 1 || got[0].Status != 0 || got[0].Params["k"] != "v" || got[0].At.IsZero() {
		t.Errorf("%+v", got)
	}
	l.Note(c, 400, "Bad")
	l.Take("B", nil, "secret")
	if got := l.Calls(); got[0].Status != 400 || got[0].Code != "Bad" || got[1].Repeats != 1 || l.Count("A") != 1 || l.Count("C") != 0 {
		t.Errorf("%+v", got)
	}
}
