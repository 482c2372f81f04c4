package keychain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// call makes one call of the keychain. It returns within CallDeadline whatever
// the keychain does; a call under way goes on to its own deadline when its
// caller leaves, since what it would cut short is a write.
func (k *Keychain) call(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, k.config.CallDeadline, ErrTimeout)
	defer cancel()
	for {
		if err := k.await(ctx); err != nil {
			return answer{}, err
		}
		a, err := k.onTurn(ctx, r)
		if !errors.Is(err, ErrLocked) || r.Op == opProbe || k.refusal() != nil || !k.ask() {
			return a, err
		}
	}
}

// onTurn waits for the worker and hands it r.
func (k *Keychain) onTurn(ctx context.Context, r request) (answer, error) {
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return answer{}, k.late(ctx)
	}
	type outcome struct {
		answer answer
		err    error
	}
	got := make(chan outcome, 1)
	started := k.start(func() {
		defer func() { <-k.turn }()
		if err := k.refusal(); err != nil { // opened while this call waited
			got <- outcome{err: err}
			return
		}
		a, err := k.exchange(r, k.config.CallDeadline)
		k.settle(err)
		got <- outcome{a, err}
	})
	if !started {
		<-k.turn
		return answer{}, ErrClosed
	}
	select {
	case o := <-got:
		return o.answer, o.err
	case <-ctx.Done():
		return answer{}, k.late(ctx)
	}
}

// exchange asks the worker, a fresh one once more when the first proves dead:
// a bus or a keyring that was restarted works at the next call. The caller has
// the turn.
func (k *Keychain) exchange(r request, limit time.Duration) (answer, error) {
	end := time.Now().Add(limit)
	for try := 1; ; try++ {
		w, err := k.ready()
		if err != nil {
			return answer{}, err
		}
		r.Millis = time.Until(end).Milliseconds()
		a, err := w.exchange(r, time.Until(end))
		if err == nil {
			switch err = errorOf(a); {
			case errors.Is(err, errGone):
				err = fmt.Errorf("%w: %w", ErrAbsent, err)
			case !errors.Is(err, ErrTimeout):
				return a, err
			}
		}
		w.kill()
		k.drop()
		if try == 2 || r.Op == opUnlock || errors.Is(err, ErrTimeout) {
			return answer{}, err
		}
		k.log.Info("keychain: a fresh worker", "op", r.Op, "why", err)
	}
}

// settle draws the conclusions from a call's end: a keychain that answered is
// one that is not locked; one that hangs or kills its worker is left alone.
func (k *Keychain) settle(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.idleLocked()
	switch {
	case err == nil, errors.Is(err, ErrTorn), errors.Is(err, ErrLost):
		k.asked = false
	case errors.Is(err, ErrTimeout), errors.Is(err, errWorker):
		k.tripLocked(err)
	}
}

// tripLocked opens the breaker. The caller must hold mu.
func (k *Keychain) tripLocked(cause error) {
	k.cause, k.until = cause, time.Now().Add(k.config.Breaker)
	k.log.Warn("keychain: left alone for a while", "why", cause, "for", k.config.Breaker)
}

// refusal is why no call is made now, nil when one may be.
func (k *Keychain) refusal() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return ErrClosed
	}
	if time.Now().Before(k.until) {
		return k.cause
	}
	return nil
}

// late is why a caller whose ctx is over goes without an answer: it may be that
// the prompt it waited behind has come to nothing just now.
func (k *Keychain) late(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.prompt != nil:
		return lateOr(ctx, errPrompted)
	case time.Now().Before(k.until):
		return lateOr(ctx, k.cause)
	}
	return lateOr(ctx, ErrTimeout)
}

// lateOr is why a caller's ctx is over, and err where that is our own deadline.
func lateOr(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ErrTimeout) {
		return fmt.Errorf("keychain: %w", cause)
	}
	return err
}

// start runs f in a goroutine that Close waits for, and reports whether it did.
func (k *Keychain) start(f func()) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return false
	}
	k.wg.Go(f)
	return true
}
