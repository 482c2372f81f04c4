package singleflight

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"understudy/internal/credential"
)

func TestAllWaitersGetTheOneOutcome(t *testing.T) {
	c, failed := New[int](), errors.New("failed")
	var waiters sync.WaitGroup
	for range 50 {
		waiters.Go(func() {
			if v, err := c.Wait(t.Context()); v != 7 || err != failed {
				t.Errorf("%d, %v", v, err)
			}
		})
	}
	c.End(7, failed)
	waiters.Wait()
	<-c.Ended()
	if v, err := c.Result(); v != 7 || err != failed {
		t.Errorf("%d, %v", v, err)
	}
}

func TestAWaiterLeavesAndTheCallGoesOn(t *testing.T) {
	c, gone := New[string](), errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if v, err := c.Wait(ctx); v != "" || err != gone {
		t.Errorf("%q, %v", v, err)
	}
	c.End("late", nil)
	if v, err := c.Wait(t.Context()); v != "late" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
}

func TestAPanicIsAFailureAndItsValueIsNotLogged(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	var log strings.Builder
	err := func() (err error) {
		defer Recover(slog.New(slog.NewTextHandler(&log, nil)), &err)
		panic(secret)
	}()
	if _, ok := errors.AsType[*credential.Failure](err); !ok || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
	if !strings.Contains(log.String(), "type=string") || strings.Contains(log.String(), secret) {
		t.Error("the log lacks the type, or has the value")
	}
}
