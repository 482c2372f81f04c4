package prompt

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"understudy/internal/process"
)

// window is a dialog program that is told all in its arguments, prints what was
// typed, and says by its exit status what else happened.
type window struct {
	path string
	args func(q Question) []string
	env  func(q Question) []string // nil: nothing beside the daemon's own

	closed int      // the exit status of a dialog that was closed; 0: it then prints nothing
	blind  []string // what it says on standard error when it can show nothing
}

func (w window) Ask(ctx context.Context, q Question) (Answer, error) {
	env := busEnv()
	if w.env != nil {
		env = append(env, w.env(q)...)
	}
	out, err := process.Run(ctx, maxTyped, env, w.path, w.args(q)...)
	if err == nil {
		return typed(out.Reveal())
	}
	if over := ended(ctx); over != nil {
		return Answer{}, over
	}
	exit, ok := errors.AsType[*process.Exit](err)
	switch {
	case errors.Is(err, process.ErrLate):
		return Answer{}, ErrExpired
	case !ok:
		return Answer{}, fmt.Errorf("%w: %s does not start", ErrNoDialog, filepath.Base(w.path))
	case w.isBlind(exit.Stderr):
		return Answer{}, ErrNoDialog
	case exit.Status == w.closed:
		return Answer{}, ErrClosed
	case exit.Status < 0:
		return Answer{}, errEnded
	}
	return Answer{}, fmt.Errorf("%w: %s ended with status %d", ErrNoDialog, filepath.Base(w.path), exit.Status)
}

// isBlind is asked first: programs end with the status of a closed dialog when
// their display does not answer.
func (w window) isBlind(said string) bool {
	for _, words := range w.blind {
		if strings.Contains(said, words) {
			return true
		}
	}
	return false
}

// sentence is all that a dialog without a line for errors shows.
func sentence(q Question) string {
	if q.Notice == "" {
		return q.Text
	}
	return q.Notice + "\n" + q.Text
}
