// Package singleflight lets many callers wait for one call. Unlike the package of that
// name in golang.org/x/sync, the owner keeps the calls in progress, under its own lock
// and next to the state that a call changes, and a waiter may leave before the end.
package singleflight

import (
	"fmt"
	"log/slog"
	"runtime/debug"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// Call is one call in progress. Use New to make one.
type Call[T any] struct {
	ended chan struct{}
	value T
	err   error
}

// New returns a Call that has not ended.
func New[T any]() *Call[T] { return &Call[T]{ended: make(chan struct{})} }

// End ends the call and wakes the waiters. The owner must first remove the call from its
// state, so that a later caller starts a new one.
func (c *Call[T]) End(value T, err error) {
	c.value, c.err = value, err
	close(c.ended)
}

// Ended returns a channel that is closed when the call has ended.
func (c *Call[T]) Ended() <-chan struct{} { return c.ended }

// Result returns the outcome of a call that has ended.
func (c *Call[T]) Result() (T, error) { return c.value, c.err }

// Recover, deferred, turns a panic into a *credential.Failure in err: it ends one call
// and not the process. The panic's value may hold a secret, so only its type is
// logged.
func Recover(log *slog.Logger, err *error) {
	if v := recover(); v != nil {
		log.Error("ended in a panic", "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		*err = &credential.Failure{Code: wire.Temporary, Reason: "a fault in understudy itself",
			Hint: "see: understudy daemon logs; please report it"}
	}
}
