package writebehind

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
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

// sleep sleeps until the Loop has done all that was due by then.
func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
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
		sleep(10 * time.Minute)
		if passes < 12 || passes > 16 { // after 1, 2, 4 .. 60, 60 s
			t.Errorf("%d passes in 10 minutes", passes)
		}
		if got := strings.Count(log.String(), "disk full"); got != 1 {
			t.Errorf("logged %d times", got)
		}
		if err := l.Flush(t.Context()); err != failure {
			t.Errorf("flush: %v", err)
		}
		synctest.Wait() // another pass may have begun
		failure = nil
		if err := l.Flush(t.Context()); err != nil {
			t.Errorf("flush: %v", err)
		}
		synctest.Wait()
		if !strings.Contains(log.String(), "up to date again") {
			t.Errorf("the recovery is not logged: %s", log)
		}
		passes = 0
		sleep(time.Hour)
		if passes != 0 {
			t.Errorf("%d passes without a change", passes)
		}
	})
}

func TestALazyChangeWaitsAndIsFlushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var passes atomic.Int64
		l, _ := running(t, Config{Pass: func(context.Context) error { passes.Add(1); return nil }})
		l.ChangedLazily(time.Minute)
		sleep(59 * time.Second)
		if passes.Load() != 0 {
			t.Error("written early")
		}
		sleep(2 * time.Second)
		if passes.Load() != 1 {
			t.Errorf("%d passes", passes.Load())
		}
		l.ChangedLazily(time.Minute)
		if err := l.Flush(t.Context()); err != nil || passes.Load() != 2 {
			t.Errorf("%d passes, %v", passes.Load(), err)
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

func TestRetryNowEndsTheBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes, failure := 0, errors.New("locked")
		l, _ := running(t, Config{Pass: func(context.Context) error { passes++; return failure }})
		l.Changed()
		sleep(10 * time.Minute)
		passes, failure = 0, nil
		l.RetryNow()
		synctest.Wait()
		if passes != 1 {
			t.Errorf("%d passes at once, want 1", passes)
		}
	})
}

func TestRetryNowWithoutAChangeDoesNotShortenALaterBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes := 0
		l, _ := running(t, Config{Pass: func(context.Context) error { passes++; return errors.New("locked") }})
		l.RetryNow()
		l.Changed()
		synctest.Wait()
		if passes != 1 {
			t.Errorf("%d passes before the back-off is over, want 1", passes)
		}
	})
}

func TestTheLongestBackOffDependsOnTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes, locked := 0, errors.New("locked")
		l, _ := running(t, Config{
			Pass: func(context.Context) error { passes++; return locked },
			Longest: func(err error) time.Duration {
				if err != locked {
					t.Errorf("asked about %v", err)
				}
				return 5 * time.Second
			},
		})
		l.Changed()
		sleep(time.Minute)
		if passes < 13 || passes > 15 { // after 1, 2, 4, 5, 5 s ...
			t.Errorf("%d passes in a minute", passes)
		}
	})
}

func TestAnErrorThatIsLoggedElsewhereIsNotLoggedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elsewhere := errors.New("locked")
		failure := elsewhere
		l, log := running(t, Config{
			Pass:   func(context.Context) error { return failure },
			Logged: func(err error) bool { return err == elsewhere },
		})
		l.Changed()
		sleep(10 * time.Second)
		if log.String() != "" {
			t.Errorf("logged: %s", log)
		}
		failure = errors.New("disk full")
		l.RetryNow()
		sleep(time.Minute)
		if strings.Count(log.String(), "disk full") != 1 || strings.Contains(log.String(), "locked") {
			t.Errorf("logged: %s", log)
		}
	})
}

func TestFlushReturnsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish := make(chan struct{})
		l, _ := running(t, Config{Pass: func(context.Context) error { <-finish; return nil }})
		l.Changed()
		tooLong := errors.New("too long")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, tooLong)
		defer cancel()
		began := time.Now()
		if err := l.Flush(ctx); err != tooLong || time.Since(began) != 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		close(finish)
		if err := l.Flush(t.Context()); err != nil { // the waiter that left blocks nothing
			t.Error(err)
		}
	})
}
