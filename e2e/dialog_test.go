//go:build linux

package e2e

import (
	"maps"
	"strings"
	"syscall"
	"testing"

	"understudy/internal/prompt/screentest"
	"understudy/internal/sandbox"
)

// atADesk is a world whose daemon finds a screen, and a role that wants MFA.
func atADesk(t *testing.T) (*stand, *screentest.Screen) {
	t.Helper()
	screen := screentest.Start(t, "pinentry-gtk-2")
	s := newStand(t, newWorld(t))
	maps.Copy(s.Vars, screen.Env())
	s.Write(".gnupg/gpg-agent.conf", "pinentry-program /usr/bin/pinentry-gtk-2\n") // whatever else is installed
	s.Append(".aws/config", "understudy_mfa_serial = "+sandbox.Example().MFASerial+"\n")
	return s, screen
}

// together runs so many helpers at once; the outcomes come when all have ended.
func (s *stand) together(n int) <-chan []outcome {
	came := make(chan []outcome, 1)
	go func() { came <- s.crowd(n, "actor") }() // ends with the helpers, each of which has a deadline
	return came
}

// A wrong code is asked for again in the dialog; the code that is right answers
// every helper, none of which has a terminal.
func TestOneDialogAnswersEveryHelper(t *testing.T) {
	t.Parallel()
	s, screen := atADesk(t)
	came := s.together(20)
	first := screen.PID(screen.Window("understudy"))
	screen.Type(sandbox.WrongCode)
	s.eventually("the first dialog is gone", patience, func() bool { return syscall.Kill(first, 0) != nil })
	screen.Window("understudy")
	screen.Type("123456")
	for _, o := range <-came {
		s.served(o)
	}
	if sent, roles := s.STS.Count("GetSessionToken"), s.STS.Count("AssumeRole"); sent != 2 || roles != 1 {
		t.Errorf("%d calls of GetSessionToken and %d of AssumeRole, want 2 and 1", sent, roles)
	}
}

func TestADialogThatIsClosedIsEveryHelpersRefusal(t *testing.T) {
	t.Parallel()
	s, screen := atADesk(t)
	came := s.together(5)
	screen.Window("understudy")
	screen.Do("key", "Escape")
	for _, o := range append(<-came, s.Helper("actor")) { // the last helper gets the remembered refusal
		if o.Status != 3 || !strings.Contains(o.Stderr, "closed without an answer") || !strings.Contains(o.Stderr, "\nhint: ") {
			t.Errorf("want exit status 3, got %v", o)
		}
	}
	if n := s.STS.Count("GetSessionToken"); n != 0 {
		t.Errorf("%d calls of GetSessionToken", n)
	}
}

// Killed, it is nobody's no: whoever asks by hand has it on the screen again.
func TestADialogThatIsKilledIsShownAgainToAPersonWhoAsks(t *testing.T) {
	t.Parallel()
	s, screen := atADesk(t)
	came := s.together(1)
	if err := syscall.Kill(screen.PID(screen.Window("understudy")), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if o := (<-came)[0]; o.Status != 3 || !strings.Contains(o.Stderr, "the dialog ended without an answer") {
		t.Errorf("want exit status 3, got %v", o)
	}
	again := make(chan outcome, 1)
	go func() { again <- s.Understudy("get", "actor") }()
	screen.Window("understudy")
	screen.Type("123456")
	s.served(<-again)
	s.served(s.Helper("actor"))
}
