// Package keychain keeps secrets in the keychain of the operating system, with
// the deadlines that the library beneath it lacks.
//
// zalando/go-keyring takes no context, waits for ever on an unlock prompt that
// nobody answers, and ends its process with a nil dereference when D-Bus dies
// under such a prompt. So it runs in a child process, the worker: JSON lines on
// its pipes, one call at a time, killed at a deadline, started again at the
// next call. What the worker holds of a secret is gone with it.
package keychain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"understudy/internal/credential"
)

// A miss is ok == false with a nil error. These say why there is no answer;
// every other error of this package names what the keychain itself said.
var (
	ErrLocked  = errors.New("the keychain is locked")
	ErrAbsent  = errors.New("no keychain answers on this machine")
	ErrTimeout = errors.New("the keychain does not answer in time")
	ErrTorn    = errors.New("the keychain item is torn or not ours") // a miss to callers
	ErrLost    = errors.New("the keychain did not keep what was written")
	ErrClosed  = errors.New("the keychain is closed")
)

// ErrNewer is an ErrTorn of an item that a newer version wrote.
var ErrNewer = fmt.Errorf("%w: written by a newer version", ErrTorn)

// Config says how the worker is started and how long anything may take.
type Config struct {
	// Command is the argv of the worker, a program that calls Serve on its standard
	// input and output; nil means this program with the argument keychain-worker.
	Command []string
	// Env is the worker's environment; nil means this process's own.
	Env []string
	// Log hears of a worker killed, a prompt opened and the breaker; nil
	// means nobody does.
	Log *slog.Logger

	CallDeadline   time.Duration // a call's, its wait for its turn included; 0 means 3 s
	UnlockDeadline time.Duration // a person's, to answer a prompt; 0 means 60 s
	Breaker        time.Duration // rest after a hang, a crash or a prompt that came to nothing; 0 means 30 s
	IdleExit       time.Duration // an unused worker is ended after this; 0 means 10 s
}

// State is what a Probe finds.
type State struct {
	Available bool   // a keychain answers, be it locked
	Locked    bool   // nothing is read or written before a person unlocks it
	Reason    string // one line for people; empty when available and unlocked
}

// Keychain is the keychain of this user. All methods may be called at once
// from many goroutines; the keychain itself sees one call at a time. When it is
// locked the first call opens its prompt, once, and calls wait for the person
// as long as they wait for anything; a prompt that came to nothing is not
// opened again until the keychain was seen unlocked in between.
type Keychain struct {
	config Config
	log    *slog.Logger
	turn   chan struct{} // full while somebody has the worker

	mu     sync.Mutex // never held over I/O
	closed bool
	worker *worker // started and dropped by who has the turn
	cause  error   // why the breaker is open
	until  time.Time
	prompt *prompt // the one on the screen, nil when there is none
	asked  bool    // a prompt was opened since the keychain was last seen unlocked
	idle   *time.Timer
	wg     sync.WaitGroup
}

// New returns a Keychain; no process is started before the first call.
func New(c Config) *Keychain {
	c.CallDeadline = cmp.Or(c.CallDeadline, 3*time.Second)
	c.UnlockDeadline = cmp.Or(c.UnlockDeadline, 60*time.Second)
	c.Breaker = cmp.Or(c.Breaker, 30*time.Second)
	c.IdleExit = cmp.Or(c.IdleExit, 10*time.Second)
	if c.Command == nil {
		c.Command = []string{self(), "keychain-worker"}
	}
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Keychain{config: c, log: log, turn: make(chan struct{}, 1)}
}

// Get returns the value kept under key. An item that is torn, foreign or of
// another version is ErrTorn, or ErrNewer.
func (k *Keychain) Get(ctx context.Context, key string) (value credential.Secret, ok bool, err error) {
	a, err := k.call(ctx, request{Op: opGet, Key: key})
	if err != nil || a.Code == codeMiss {
		return credential.Secret{}, false, err
	}
	return credential.NewSecret(string(a.Value)), true, nil
}

// Set keeps value under key: written, read back and compared. It may have been
// kept although Set was given up.
func (k *Keychain) Set(ctx context.Context, key string, value credential.Secret) error {
	v := value.Reveal()
	if len(v) > maxValue {
		return errTooBig
	}
	_, err := k.call(ctx, request{Op: opSet, Key: key, Value: []byte(v)})
	return err
}

// Delete removes what is kept under key; nothing there is no error.
func (k *Keychain) Delete(ctx context.Context, key string) error {
	_, err := k.call(ctx, request{Op: opDelete, Key: key})
	return err
}

// Probe asks whether a keychain answers and is unlocked, without a prompt.
func (k *Keychain) Probe(ctx context.Context) State {
	_, err := k.call(ctx, request{Op: opProbe})
	switch {
	case err == nil:
		return State{Available: true}
	case errors.Is(err, ErrLocked):
		return State{Available: true, Locked: true, Reason: err.Error()}
	}
	return State{Reason: err.Error()}
}

// closeLimit is how long Close waits for the calls in progress. A daemon that stops
// has little more time.
const closeLimit = 200 * time.Millisecond

// Close ends the worker and an open prompt. It waits for the calls in progress; those
// that are not done within closeLimit end with the worker.
func (k *Keychain) Close() {
	k.mu.Lock()
	k.closed = true
	if k.idle != nil {
		k.idle.Stop()
	}
	if k.prompt != nil && k.worker != nil {
		k.worker.kill()
	}
	k.mu.Unlock()

	over := make(chan struct{})
	go func() { // ends with the calls, each of which has a deadline
		k.wg.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-time.After(closeLimit):
		k.mu.Lock()
		if k.worker != nil {
			k.worker.kill()
		}
		k.mu.Unlock()
		<-over
	}
	k.drop()
}
