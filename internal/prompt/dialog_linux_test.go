package prompt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"understudy/internal/process"
	"understudy/internal/prompt/screentest"
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
	t    *testing.T
	pid  int
	came chan outcome
}

// person is a screen with the test that looks at it.
type person struct {
	*screentest.Screen
	t *testing.T
}

// sitDown starts a screen and makes it the one of this process.
func sitDown(t *testing.T, programs ...string) *person {
	t.Helper()
	s := screentest.Start(t, programs...)
	for name, value := range s.Env() {
		t.Setenv(name, value)
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GNUPGHOME", "")
	return &person{s, t}
}

// show asks with d and returns when the dialog is there.
func (s *person) show(ctx context.Context, d Dialog, q Question) *shown {
	s.t.Helper()
	came := make(chan outcome, 1)
	go func() {
		a, err := d.Ask(ctx, q)
		came <- outcome{a, err}
	}()
	return &shown{s.t, s.PID(s.Window("understudy")), came}
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
func eachReal(t *testing.T, test func(s *person, d Dialog)) {
	for program, dialog := range realDialogs {
		t.Run(program, func(t *testing.T) {
			s := sitDown(t, program)
			path, err := process.LookPath(program)
			if err != nil {
				t.Fatal(err)
			}
			test(s, dialog(path))
		})
	}
}

func TestACodeTypedIntoARealDialogIsTheAnswer(t *testing.T) {
	eachReal(t, func(s *person, d Dialog) {
		q := question
		q.Notice = "the code before was wrong"
		dialog := s.show(s.t.Context(), d, q)
		s.Type("123456")
		if o := dialog.outcome(); o.err != nil || o.answer.Reveal() != "123456" {
			s.t.Errorf("%d characters, err %v", len(o.answer.Reveal()), o.err)
		}
	})
}

func TestARealDialogThatIsClosedIsARefusal(t *testing.T) {
	eachReal(t, func(s *person, d Dialog) {
		dialog := s.show(s.t.Context(), d, question)
		s.Do("type", "123")
		s.Do("key", "Escape")
		if o := dialog.outcome(); !errors.Is(o.err, ErrClosed) {
			s.t.Errorf("err %v, want ErrClosed", o.err)
		}
	})
}

func TestARealDialogThatIsKilledIsNoRefusal(t *testing.T) {
	eachReal(t, func(s *person, d Dialog) {
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
	s := sitDown(t, "pinentry-gtk-2")
	dialog := s.show(t.Context(), pinentry("pinentry-gtk-2"), question)
	s.Kill()
	if o := dialog.outcome(); !errors.Is(o.err, errEnded) {
		t.Errorf("err %v, want errEnded", o.err)
	}
}

func TestARealDialogLeavesTheScreenWhenItsTimeIsOver(t *testing.T) {
	eachReal(t, func(s *person, d Dialog) {
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
	eachReal(t, func(s *person, d Dialog) {
		s.Kill()
		if _, err := d.Ask(s.t.Context(), question); !errors.Is(err, errNoDialog) {
			s.t.Errorf("err %v, want errNoDialog", err)
		}
	})
}

// A program that shows nothing stands before the one that does, as GnuPG's for
// GNOME where no GNOME runs.
func TestTheDialogThatIsFoundAsks(t *testing.T) {
	s := sitDown(t, "pinentry-gtk-2")
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
	d, err := findDialog(os.Getenv, func(name string) (string, error) {
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
	s.Type("654321")
	if o := dialog.outcome(); o.err != nil || o.answer.Reveal() != "654321" {
		t.Errorf("%d characters, err %v", len(o.answer.Reveal()), o.err)
	}
}
