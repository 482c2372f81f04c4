package singleflight

import (
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
			<-c.Ended()
			if v, err := c.Result(); v != 7 || err != failed {
				t.Errorf("%d, %v", v, err)
			}
		})
	}
	c.End(7, failed)
	waiters.Wait()
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
