// Package steer holds what the fake services share: the fault that each can be
// told to show, and the record of its calls, which keeps no secret and yet tells
// whether one was sent twice.
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

// Fault is what goes wrong. The zero value is nothing. Of Silent, Body and
// Status with Code at most one takes effect, in that order, and none looks at the
// request; Delay comes before each of them, or before a good answer.
type Fault struct {
	Only       string        // the one operation it takes effect on; "" means all
	Next       int           // how many calls it takes effect on; 0 means all
	Delay      time.Duration // before the answer
	Silent     bool          // take the call and never answer, until the caller goes or the next Set
	Body       *Body         // answer with this in place of what the service would say
	Status     int           // of the error answer, 0 means 400 when there is a Code; or of Body, 0 means 200
	Code       string        // of the error answer; "" means one that the service has for Status
	Message    string        // of the error answer; "" means one that says so
	RetryAfter time.Duration // told in the header when not 0
}

// Body is a raw answer.
type Body struct {
	Type   string // Content-Type; "" means text/html
	Text   string
	Repeat int // how often Text is sent; 0 means once
}

// Gate stands before a service and shows its fault. The zero value is open.
type Gate struct {
	mu      sync.Mutex
	fault   Fault
	left    int           // calls of fault.Next that are to come
	changed chan struct{} // closed by the next Set; nil until somebody waits for it
}

// Set changes the fault from the next call on, and lets go of the callers that
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

// Show shows the fault that the call c has just now, and reports whether that was
// the answer. refuse notes and writes an error in the service's own form; a code of
// "" means one that fits the status. A caller who is not to be answered is dropped
// the way net/http has for it, by a panic.
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
	refuse(cmp.Or(f.Status, http.StatusBadRequest), f.Code, cmp.Or(f.Message, "The sandbox was told to answer so"))
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
