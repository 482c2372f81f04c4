package sandbox

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"understudy/internal/sandbox/steer"
)

// send writes the answer, and closes the connection if Content-Length
// exceeds the body.
func (a answer) send(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Content-Length", strconv.Itoa(max(a.promise, len(a.body))))
	w.WriteHeader(a.status)
	if _, err := w.Write(a.body); err == nil && a.promise > 0 {
		panic(http.ErrAbortHandler)
	}
}

// dripping writes one byte at a time, with a pause between two, until its caller
// has gone.
type dripping struct {
	http.ResponseWriter
	ctx   context.Context
	pause time.Duration
}

func (d dripping) Write(b []byte) (int, error) {
	flush := http.NewResponseController(d.ResponseWriter)
	for i := range b {
		if i > 0 && !steer.Pause(d.ctx, d.pause) {
			return i, d.ctx.Err()
		}
		if _, err := d.ResponseWriter.Write(b[i : i+1]); err != nil {
			return i, err
		}
		flush.Flush()
	}
	return len(b), nil
}
