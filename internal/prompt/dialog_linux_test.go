package prompt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"understudy/internal/process"
)

// realDialogs are programs that show one, of both families.
var realDialogs = map[string]func(path string) Dialog{
	"pinentry-gtk-2": func(path string) Dialog { return pinentry(path) },
	"zenity":         zenity,
}

type outcome struct {
	answer Answer
	err    error
}

// shown is a dialog that is on the screen of its test.
type shown struct {
	*screen
	pid  int
	came chan outcome
}

// show asks with d and returns when the dialog is there.
func (s *screen) show(ctx context.Context, d Dialog, q Question) *shown {
	s.t.Helper()
	came := make(chan outcome, 1)
	go func() {
		a, err := d.Ask(ctx, q)
		came <- outcome{a, err}
	}()
	id := s.window("understudy")
	pid, err := strconv.Atoi(s.do("getwindowpid", id))
	if err != nil {
		s.t.Fatal(err)
	}
	return &shown{s, pid, came}
}

// outcome also sees that no program is left.
func (s *shown) outcome() outcome {
	s.t.Helper()
	select {
	case o := <-s.came:
		if err := syscall.Kill(s.pid, 0); !errors.Is(err, syscall.ESRCH) {
			s.t.Errorf("the dialog's program is still there: %v", err)
		}
		return o
	case <-time.After(20 * time.Second):
		s.t.Fatal("the dialog has no outcome")
	}
	panic("unreachable")
}

// eachReal runs a test with every real dialog, on a screen of its own.
func eachReal(t *testing.T, test func(s *screen, d Dialog)) {
	for program, dialog := range realDialogs {
		t.Run(program, func(t *testing.T) {
			s := startScreen(t, program)
			path, err := process.LookPath(program)
			if err != nil {
				t.Fatal(err)
			}
			test(s, dialog(path))
		})
	}
}

func TestACodeTypedIntoARealDialogIsTheAnswer(t *testing.T) {
	eachReal(t, func(s *screen, d Dialog) {
		q := question
		q.Notice = "the code before was wrong"
		dialog := s.show(s.t.Context(), d, q)
		s.do("type", "123456")
		s.do("key", "Return")
		if o := dialog.outcome(); o.err != nil || o.answer.Reveal() != "123456" {
			s.t.Errorf("%d characters, err %v", len(o.answer.Reveal()), o.err)
		}
	})
}

func TestARealDialogThatIsClosedIsARefusal(t *testing.T) {
	eachReal(t, func(s *screen, d Dialog) {
		dialog := s.show(s.t.Context(), d, question)
		s.do("type", "123")
		s.do("key", "Escape")
		if o := dialog.outcome(); !errors.Is(o.err, ErrClosed) {
			s.t.Errorf("err %v, want ErrClosed", o.err)
		}
	})
}

func TestARealDialogThatIsKilledIsNoRefusal(t *testing.T) {
	eachReal(t, func(s *screen, d Dialog) {
		dialog := s.show(s.t.Context(), d, question)
		if err := syscall.Kill(dialog.pid, syscall.SIGKILL); err != nil {
			s.t.Fatal(err)
		}
		if o := dialog.outcome(); !errors.Is(o.err, errEnded) {
			s.t.Errorf("err %v, want errEnded", o.err)
		}
	})
}

// zenity ends then as if it were closed, and says nothing.
func TestAPinentryWhoseScreenGoesAwayIsNoRefusal(t *testing.T) {
	s := startScreen(t, "pinentry-gtk-2")
	dialog := s.show(t.Context(), pinentry("pinentry-gtk-2"), question)
	s.kill()
	if o := dialog.outcome(); !errors.Is(o.err, errEnded) {
		t.Errorf("err %v, want errEnded", o.err)
	}
}

func TestARealDialogLeavesTheScreenWhenItsTimeIsOver(t *testing.T) {
	eachReal(t, func(s *screen, d Dialog) {
		for cause, want := range map[error]error{
			context.DeadlineExceeded: ErrExpired, // what a deadline ends a context with
			context.Canceled:         context.Canceled,
		} {
			ctx, cancel := context.WithCancelCause(s.t.Context())
			dialog := s.show(ctx, d, question)
			cancel(cause)
			if o := dialog.outcome(); !errors.Is(o.err, want) {
				s.t.Errorf("err %v, want %v", o.err, want)
			}
		}
	})
}

func TestARealDialogWithoutAScreenIsNone(t *testing.T) {
	eachReal(t, func(s *screen, d Dialog) {
		s.kill()
		if _, err := d.Ask(s.t.Context(), question); !errors.Is(err, ErrNoDialog) {
			s.t.Errorf("err %v, want ErrNoDialog", err)
		}
	})
}

// A program that shows nothing stands before the one that does, as GnuPG's for
// GNOME where no GNOME runs.
func TestTheDialogThatIsFoundAsks(t *testing.T) {
	s := startScreen(t, "pinentry-gtk-2")
	dir := t.TempDir()
	script := "#!/bin/sh\necho OK\nwhile read -r word rest; do\n[ \"$word\" = GETPIN ] && echo ERR 83918950 || echo OK\ndone\n"
	first := filepath.Join(dir, "pinentry")
	if err := os.WriteFile(first, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	gtk, err := process.LookPath("pinentry-gtk-2")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "gpg-agent.conf"), []byte("pinentry-program "+first+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GNUPGHOME", dir)
	d, err := FindDialog(os.Getenv, func(name string) (string, error) {
		switch name {
		case first:
			return first, nil
		case "pinentry-gtk-2":
			return gtk, nil
		}
		return "", os.ErrNotExist
	})
	if err != nil {
		t.Fatal(err)
	}
	dialog := s.show(t.Context(), d, question)
	s.do("type", "654321")
	s.do("key", "Return")
	if o := dialog.outcome(); o.err != nil || o.answer.Reveal() != "654321" {
		t.Errorf("%d characters, err %v", len(o.answer.Reveal()), o.err)
	}
}
