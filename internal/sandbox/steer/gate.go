// Package steer holds what the fake services share: the fault that a test
// injects, and the record of the calls, which keeps no secret but shows whether
// one was sent twice.
package steer

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Fault is what goes wrong. The zero value injects nothing. The first that is set
// of Silent, Body, and Status or Code takes effect, whatever the request says.
// Delay comes before it, or before a good answer.
type Fault struct {
	Only       string        // the one operation it takes effect on; "" means all
	Next       int           // how many calls it takes effect on; 0 means all
	Delay      time.Duration // before the answer
	Silent     bool          // take the call and never answer, until the caller goes or the next Set
	Body       *Body         // answer with this in place of what the service would say
	Status     int           // of the error answer, 0 means 400 when there is a Code; or of Body, 0 means 200
	Code       string        // of the error answer; "" means one that the service has for Status
	Message    string        // of the error answer; "" means a default
	RetryAfter time.Duration // sent in the header if not 0
}

// Body is a raw answer.
type Body struct {
	Type   string // Content-Type; "" means text/html
	Text   string
	Repeat int // how often Text is sent; 0 means once
}

// Gate injects the fault of a service. The zero value injects none.
type Gate struct {
	mu      sync.Mutex
	fault   Fault
	left    int           // calls of fault.Next that are left
	changed chan struct{} // closed by the next Set; nil until a call waits for it
}

// Set changes the fault from the next call on, and drops the callers that
// Silent holds.
func (g *Gate) Set(f Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault, g.left = f, f.Next
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}

// take returns the fault of a call that has just come in.
func (g *Gate) take(op string) (f Fault, changed <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f = g.fault
	if f.Only != "" && f.Only != op {
		return Fault{}, nil
	}
	if f.Next > 0 {
		if g.left == 0 {
			return Fault{}, nil
		}
		g.left--
	}
	if g.changed == nil {
		g.changed = make(chan struct{})
	}
	return f, g.changed
}

// Show injects the current fault into the call c, and reports whether that answered
// the call. refuse records and writes an error in the service's own form; the code
// "" means one that fits the status. If the call gets no answer, Show panics with
// http.ErrAbortHandler, which closes the connection.
func (g *Gate) Show(w http.ResponseWriter, r *http.Request, l *Log, c *Call, refuse func(status int, code, message string)) bool {
	f, changed := g.take(c.Op)
	if !Pause(r.Context(), f.Delay) {
		panic(http.ErrAbortHandler)
	}
	if f.Silent {
		select {
		case <-r.Context().Done():
		case <-changed:
		}
		panic(http.ErrAbortHandler)
	}
	if f.Body == nil && f.Status == 0 && f.Code == "" {
		return false
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if f.Body != nil {
		status := cmp.Or(f.Status, http.StatusOK)
		l.Note(c, status, "")
		f.Body.send(w, status)
		return true
	}
	refuse(cmp.Or(f.Status, http.StatusBadRequest), f.Code, cmp.Or(f.Message, "This fault was injected into the sandbox"))
	return true
}

func (b *Body) send(w http.ResponseWriter, status int) {
	times := max(b.Repeat, 1)
	w.Header().Set("Content-Type", cmp.Or(b.Type, "text/html"))
	w.Header().Set("Content-Length", strconv.Itoa(len(b.Text)*times))
	w.WriteHeader(status)
	for range times {
		if _, err := io.WriteString(w, b.Text); err != nil {
			return
		}
	}
}

// Pause waits for d; false means that ctx ended first.
func Pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
