package prompt

import (
	"context"
	"errors"
	"path/filepath"
)

// Dialog asks on the desktop. It answers a Code; a Visit is the browser's.
type Dialog interface {
	// Ask shows q until it is answered or closed, or ctx ends. It returns
	// ErrClosed, ErrExpired when ctx had a deadline, errNoDialog when nothing
	// could be shown, or what else became of the dialog.
	Ask(ctx context.Context, q Question) (Answer, error)
}

// findDialog returns the dialogs that this desktop has, tried in their order
// until one can be shown. The error is errNoDialog if there is no display,
// or no program to show a dialog. lookPath is exec.LookPath.
func findDialog(getenv func(string) string, lookPath func(string) (string, error)) (Dialog, error) {
	if !hasDisplay(getenv) {
		return nil, errNoDialog
	}
	var found dialogs
	known := map[string]bool{}
	for _, c := range candidates(getenv) {
		path, err := lookPath(c.program)
		if err != nil {
			continue
		}
		target, err := filepath.EvalSymlinks(path)
		if err != nil {
			target = path // it was there a moment ago; starting it will tell
		}
		if known[target] || needsTerminal(target) {
			continue
		}
		known[target] = true
		found = append(found, c.dialog(path))
	}
	if len(found) == 0 {
		return nil, errNoDialog
	}
	return found, nil
}

// candidate is a program that may be there, and how it is spoken to.
type candidate struct {
	program string
	dialog  func(path string) Dialog
}

// dialogs are several, one in place of the other.
type dialogs []Dialog

func (d dialogs) Ask(ctx context.Context, q Question) (Answer, error) {
	for _, one := range d {
		a, err := one.Ask(ctx, q)
		if !errors.Is(err, errNoDialog) {
			return a, err
		}
	}
	return Answer{}, errNoDialog
}

// ended is why nothing came of a dialog when ctx is over, nil while it is not.
func ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.DeadlineExceeded) {
		return ErrExpired
	}
	return cause
}
