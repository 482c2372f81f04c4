package sandbox

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"understudy/internal/sandbox/steer"
)

// send writes the answer, and breaks the connection off where more was
// promised than there is.
func (a answer) send(ctx context.Context, w http.ResponseWriter, drip time.Duration) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	if a.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((a.retryAfter+time.Second-1)/time.Second)))
	}
	times := max(a.repeat, 1)
	h.Set("Content-Length", strconv.Itoa(max(a.promise, len(a.body)*times)))
	w.WriteHeader(a.status)
	for range times {
		if !dripTo(ctx, w, a.body, drip) {
			return
		}
	}
	if a.promise > 0 {
		panic(http.ErrAbortHandler)
	}
}

// dripTo writes b, one byte at a time when drip is not 0; false means that the
// caller has gone.
func dripTo(ctx context.Context, w http.ResponseWriter, b []byte, drip time.Duration) bool {
	if drip == 0 {
		_, err := w.Write(b)
		return err == nil
	}
	flush := http.NewResponseController(w)
	for i := range b {
		if i > 0 && !steer.Pause(ctx, drip) {
			return false
		}
		if _, err := w.Write(b[i : i+1]); err != nil {
			return false
		}
		flush.Flush()
	}
	return true
}
