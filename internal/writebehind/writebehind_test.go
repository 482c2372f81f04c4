package writebehind

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// running returns a Loop that runs until the test ends, and its log.
func running(t *testing.T, cfg Config) (*Loop, *strings.Builder) {
	t.Helper()
	log := &strings.Builder{}
	cfg.Name, cfg.Log = "a test", slog.New(slog.NewTextHandler(log, nil))
	l := New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { l.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	return l, log
}

func TestAGapLimitsHowOftenItIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes := 0
		l, _ := running(t, Config{Gap: 2 * time.Second, Pass: func(context.Context) error { passes++; return nil }})
		for range 1000 { // 100 s of changes
			l.Changed()
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		if passes < 45 || passes > 51 {
			t.Errorf("%d passes in 100 s", passes)
		}
	})
}

func TestAFailedPassIsTriedAgainRarelyAndLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes, failure := 0, errors.New("disk full")
		l, log := running(t, Config{Pass: func(context.Context) error { passes++; return failure }})
		l.Changed()
		time.Sleep(10 * time.Minute)
		if passes < 12 || passes > 16 { // after 1, 2, 4 .. 60, 60 s
			t.Errorf("%d passes in 10 minutes", passes)
		}
		if got := strings.Count(log.String(), "disk full"); got != 1 {
			t.Errorf("logged %d times", got)
		}
		if err := l.Flush(t.Context()); err != failure {
			t.Errorf("flush: %v", err)
		}
		failure = nil
		if err := l.Flush(t.Context()); err != nil {
			t.Errorf("flush: %v", err)
		}
		if !strings.Contains(log.String(), "up to date again") {
			t.Errorf("the recovery is not logged: %s", log)
		}
		passes = 0
		time.Sleep(time.Hour)
		if passes != 0 {
			t.Errorf("%d passes without a change", passes)
		}
	})
}

func TestALazyChangeWaitsAndIsFlushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes := 0
		l, _ := running(t, Config{Pass: func(context.Context) error { passes++; return nil }})
		l.ChangedLazily(time.Minute)
		time.Sleep(59 * time.Second)
		if passes != 0 {
			t.Error("written early")
		}
		time.Sleep(2 * time.Second)
		if passes != 1 {
			t.Errorf("%d passes", passes)
		}
		l.ChangedLazily(time.Minute)
		if err := l.Flush(t.Context()); err != nil || passes != 2 {
			t.Errorf("%d passes, %v", passes, err)
		}
	})
}

func TestAfterItsEndFlushSaysThatChangesAreLost(t *testing.T) {
	l := New(Config{Log: slog.New(slog.DiscardHandler), Pass: func(context.Context) error { return nil }})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l.Run(ctx)
	if err := l.Flush(t.Context()); err != nil {
		t.Errorf("nothing was pending: %v", err)
	}
	l.Changed()
	if err := l.Flush(t.Context()); err != ErrEnded {
		t.Errorf("%v", err)
	}
	var none *Loop
	none.Changed()
	none.RetryNow()
	if err := none.Flush(t.Context()); err != nil {
		t.Error(err)
	}
}
