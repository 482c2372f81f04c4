// Package steer holds what the fake services beside the STS share: the fault
// that each can be told to show, and the record of its calls, which keeps no
// secret and yet tells whether one was sent twice.
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

// Fault is what goes wrong. The zero value is nothing. Of Silent, Raw and
// Status with Code at most one takes effect, in that order; Delay comes before
// each of them, or before a good answer.
type Fault struct {
	Only       string        // the one operation it takes effect on; "" means all
	Next       int           // how many calls it takes effect on; 0 means all
	Delay      time.Duration // before the answer
	Silent     bool          // take the call and never answer, until the caller goes or the next Set
	Raw        string        // answer with this text in place of what the service would say
	Status     int           // of the error answer, 0 means 400 when there is a Code; or of Raw, 0 means 200
	Code       string        // of the error answer; "" means one that the service has for Status
	Message    string        // of the error answer; "" means one that says so
	RetryAfter time.Duration // told in the header when not 0
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

// Show shows the fault that op has just now, and returns the status it answered
// with, or 0 when the service is to answer. refuse writes an error in the service's own form; a code of "" means
// one that fits the status. A caller who is not to be answered is dropped the
// way net/http has for it, by a panic.
func (g *Gate) Show(w http.ResponseWriter, r *http.Request, op string, refuse func(status int, code, message string)) int {
	f, changed := g.take(op)
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
	if f.Raw == "" && f.Status == 0 && f.Code == "" {
		return 0
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if f.Raw != "" {
		w.Header().Set("Content-Type", "text/html")
		status := cmp.Or(f.Status, http.StatusOK)
		w.WriteHeader(status)
		io.WriteString(w, f.Raw)
		return status
	}
	status := cmp.Or(f.Status, http.StatusBadRequest)
	refuse(status, f.Code, cmp.Or(f.Message, "The sandbox was told to answer so"))
	return status
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
