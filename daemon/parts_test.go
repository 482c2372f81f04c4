package daemon

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheLastPartIsTakenApartFirst(t *testing.T) {
	var order []int
	p := &parts{log: slog.New(slog.DiscardHandler)}
	for i := range 3 {
		p.add(func() { order = append(order, i) })
	}
	p.close()
	if !slices.Equal(order, []int{2, 1, 0}) {
		t.Errorf("order %v", order)
	}
}

func TestAPartThatHangsDoesNotKeepAStoppingDaemon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		var log bytes.Buffer
		p := &parts{log: slog.New(slog.NewTextHandler(&log, nil))}
		p.add(func() { <-hang })
		began := time.Now()
		p.close()
		if d := time.Since(began); d != leaveLimit {
			t.Errorf("left after %v", d)
		}
		if !strings.Contains(log.String(), "does not let go") {
			t.Errorf("log %q", &log)
		}
	})
}

func TestALogThatHangsDoesNotKeepItEither(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		p := &parts{log: slog.New(slog.NewTextHandler(hungWriter(hang), nil))}
		p.add(func() { <-hang })
		began := time.Now()
		p.close()
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("left after %v", d)
		}
	})
}

// hungWriter is a disk that takes nothing until the channel is closed.
type hungWriter chan struct{}

func (w hungWriter) Write(b []byte) (int, error) {
	<-w
	return len(b), nil
}
