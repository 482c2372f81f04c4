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

	closed int   // the exit status of a dialog that was closed; 0: it then prints nothing
	says   words // on standard error; asked first, since the status is that of a closed dialog then, too
}

// words are pieces of what a program says, with what they mean.
type words []struct {
	text  string
	means error
}

func (w words) in(said string) error {
	for _, one := range w {
		if strings.Contains(said, one.text) {
			return one.means
		}
	}
	return nil
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
	if !ok {
		return Answer{}, fmt.Errorf("%w: %s: %w", errNoDialog, filepath.Base(w.path), err)
	}
	switch why := w.says.in(exit.Stderr); {
	case why != nil:
		return Answer{}, why
	case exit.Status == w.closed:
		return Answer{}, ErrClosed
	case exit.Status < 0:
		return Answer{}, errEnded
	}
	return Answer{}, fmt.Errorf("%w: %s ended with status %d", errNoDialog, filepath.Base(w.path), exit.Status)
}

// sentence is all that a dialog without a line for errors shows.
func sentence(q Question) string {
	if q.Notice == "" {
		return q.Text
	}
	return q.Notice + "\n" + q.Text
}
