package keychain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// prompt is a keychain's question on the screen, tied to no request.
type prompt struct {
	opened time.Time
	over   chan struct{}
	err    error // why the keychain is not open now; set before over is closed
}

var (
	errPrompted  = fmt.Errorf("%w; its prompt waits for an answer", ErrLocked)
	errUnheeded  = fmt.Errorf("%w; nobody answered its prompt", ErrLocked)
	errDismissed = fmt.Errorf("%w; its prompt was dismissed", ErrLocked)
)

// ask opens the prompt unless it is open, and reports whether there is one to
// wait for: after one that came to nothing there is none.
func (k *Keychain) ask() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.prompt != nil {
		return true
	}
	if k.asked || k.closed {
		return false
	}
	p := &prompt{opened: time.Now(), over: make(chan struct{})}
	k.prompt, k.asked = p, true
	k.log.Info("keychain: locked; a person is asked to unlock it")
	k.wg.Go(func() {
		k.turn <- struct{}{} // every holder has a deadline
		defer func() { <-k.turn }()
		_, err := k.exchange(request{Op: opUnlock}, k.config.UnlockDeadline)
		k.answered(p, err)
	})
	return true
}

// answered ends the prompt. One that came to nothing opens the breaker; one
// that went down with its bus or its service was no answer of a person.
func (k *Keychain) answered(p *prompt, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.idleLocked()
	switch {
	case err == nil: // asked stays until a call has shown that it is true
	case errors.Is(err, ErrAbsent), errors.Is(err, errWorker), errors.Is(err, ErrClosed):
		k.asked = false
	case errors.Is(err, ErrTimeout):
		err = errUnheeded
		k.tripLocked(err)
	default:
		k.tripLocked(err)
	}
	p.err, k.prompt = err, nil
	close(p.over)
}

// await returns when a call may be made: at once when no prompt is open, else
// when it was answered. The callers of a prompt's first seconds (CallDeadline)
// wait for the person; later ones would wait in vain more often than not.
func (k *Keychain) await(ctx context.Context) error {
	if err := k.refusal(); err != nil {
		return err
	}
	k.mu.Lock()
	p := k.prompt
	k.mu.Unlock()
	if p == nil {
		return nil
	}
	patience, cancel := context.WithDeadlineCause(ctx, p.opened.Add(k.config.CallDeadline), ErrTimeout)
	defer cancel()
	select {
	case <-p.over:
		return p.err
	case <-patience.Done():
	}
	select {
	case <-p.over: // at the same moment
		return p.err
	default:
		return lateOr(patience, errPrompted)
	}
}
