//go:build linux

package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"understudy/internal/sandbox"
)

const question = "MFA code of arn:aws:iam::111111111111:mfa/alice"

// newMFAStand is a stand whose role is assumed with alice's device.
func newMFAStand(t *testing.T, w *world) *stand {
	t.Helper()
	s := newStand(t, w)
	s.STS.AddRole(sandbox.Role{ARN: standRole, RequireMFA: true, MaxDuration: 12 * time.Hour})
	s.Write(".aws/config", "[profile base]\nregion = us-east-1\nendpoint_url = "+s.URL+
		"\nunderstudy_mfa_serial = "+sandbox.Example().MFASerial+"\n"+s.role("actor", standRole, s.URL))
	return s
}

func helperPath() string { return filepath.Join(bin, "understudy-credentials") }

// noTerminal runs a program in a session of its own, as Terraform's or an IDE's
// children are.
func noTerminal(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

func (s *stand) logIn(code string) {
	s.t.Helper()
	t := s.atTerminal(filepath.Join(bin, "understudy"), "login", "actor")
	t.await(question)
	t.types(code + "\n")
	if o := t.wait(); o.Status != 0 || !strings.HasPrefix(o.Stdout, "actor: ready until ") {
		s.t.Fatalf("login: %v", o)
	}
}

// Half of the fifty have no terminal, as under Terraform; each of the others has
// one of its own, and any of them may be the one that is asked.
func TestFiftyHelpersUnderAnEndedLoginAreOneQuestionAndOneCall(t *testing.T) {
	s := newMFAStand(t, newWorld(t))
	var wait sync.WaitGroup
	outcomes := make([]outcome, 50)
	var terminals []*terminal
	for i := range outcomes {
		if i%2 == 0 {
			wait.Go(func() { outcomes[i] = s.runWith(noTerminal, helperPath(), "actor") })
			continue
		}
		tty := s.atTerminal(helperPath(), "actor")
		terminals = append(terminals, tty)
		wait.Go(func() { outcomes[i] = tty.wait() })
	}
	var asked *terminal
	s.eventually("somebody is asked", patience, func() bool {
		for _, tty := range terminals {
			if tty.shows(question) {
				asked = tty
			}
		}
		return asked != nil
	})
	asked.types("123456\n")
	wait.Wait()

	first := s.served(outcomes[0])
	for _, o := range outcomes {
		if s.served(o).Raw != first.Raw {
			t.Errorf("another session: %v", o)
		}
	}
	shown := 0
	for _, tty := range terminals {
		if tty.shows(question) {
			shown++
		}
	}
	if shown != 1 || s.STS.Count("GetSessionToken") != 1 || s.STS.Count("AssumeRole") != 1 {
		t.Errorf("%d questions, %d GetSessionToken, %d AssumeRole; want 1 each",
			shown, s.STS.Count("GetSessionToken"), s.STS.Count("AssumeRole"))
	}
}

func TestWithoutATerminalTheHelperSaysWhatToDoAndTheRetryIsServed(t *testing.T) {
	t.Parallel()
	s := newMFAStand(t, newWorld(t))
	o := s.quick(s.runWith(noTerminal, helperPath(), "actor"), 3*time.Second)
	s.refused(o, 3, "actor")
	if !strings.Contains(o.Stderr, "hint: in a terminal, run: understudy login actor") {
		t.Errorf("%v", o)
	}
	s.logIn("123456")
	s.served(s.runWith(noTerminal, helperPath(), "actor"))
}

func TestAWrongCodeIsToldAtTheTerminalAndThreeOfThemAreTheEnd(t *testing.T) {
	t.Parallel()
	s := newMFAStand(t, newWorld(t))
	tty := s.atTerminal(helperPath(), "actor")
	tty.await(question)
	tty.types(sandbox.WrongCode + "\n")
	tty.await("that code was not accepted; enter the next one")
	tty.types("123456\n")
	s.served(tty.wait())

	s = newMFAStand(t, newWorld(t))
	s.STS.Set(sandbox.Behaviour{WrongCodes: 3})
	tty = s.atTerminal(helperPath(), "actor")
	for i := range 3 {
		s.eventually("another question", patience, func() bool {
			tty.mu.Lock()
			defer tty.mu.Unlock()
			return strings.Count(tty.screen.String(), question) == i+1
		})
		tty.types(fmt.Sprintf("11111%d\n", i))
	}
	s.refused(tty.wait(), 3, "actor")
}

// Ctrl-C ends the helper, and nothing else: the question goes to the next one.
func TestCtrlCAndADeadAskerHandTheQuestionOn(t *testing.T) {
	t.Parallel()
	s := newMFAStand(t, newWorld(t))
	first := s.atTerminal(helperPath(), "actor")
	first.await(question)
	second := s.atTerminal(helperPath(), "actor")
	waiting := make(chan outcome, 1)
	go func() { waiting <- s.runWith(noTerminal, helperPath(), "actor") }()
	first.types("\x03")
	if o := first.wait(); o.Status != -1 {
		t.Errorf("Ctrl-C did not end it: %v", o)
	}
	second.await(question)
	third := s.atTerminal(helperPath(), "actor")
	second.cmd.Process.Kill()
	second.wait()
	third.await(question)
	third.types("123456\n")
	s.served(third.wait())
	s.served(<-waiting)
	if n := s.STS.Count("GetSessionToken"); n != 1 {
		t.Errorf("%d GetSessionToken", n)
	}
}

func TestCtrlDClosesTheQuestionForHalfAMinute(t *testing.T) {
	t.Parallel()
	s := newMFAStand(t, newWorld(t))
	tty := s.atTerminal(helperPath(), "actor")
	tty.await(question)
	tty.types("\x04")
	s.refused(tty.wait(), 3, "actor")
	s.refused(s.quick(s.runWith(noTerminal, helperPath(), "actor"), atOnce), 3, "actor")
	s.logIn("123456") // a person who says so is asked all the same
}

func TestApproveAnswersWhatAProgramElsewhereWaitsFor(t *testing.T) {
	t.Parallel()
	s := newMFAStand(t, newWorld(t))
	waiting := s.atTerminal(helperPath(), "actor")
	waiting.await(question)
	here := s.atTerminal(filepath.Join(bin, "understudy"), "approve")
	here.await(question)
	here.types("123456\n")
	if o := here.wait(); o.Status != 0 {
		t.Errorf("%v", o)
	}
	s.served(waiting.wait()) // and its prompt is gone without a key
}

func TestTheDeviceIsAskedByTheCommandOfTheProfile(t *testing.T) {
	t.Parallel()
	s := newMFAStand(t, newWorld(t))
	s.Append(".aws/config", "[profile base]\nunderstudy_mfa_process = echo asked >>"+s.Dir+"/asked; echo 123456\n")
	s.served(s.runWith(noTerminal, helperPath(), "actor"))
	s.served(s.runWith(noTerminal, helperPath(), "actor"))
	if n := s.STS.Count("GetSessionToken"); n != 1 {
		t.Errorf("%d GetSessionToken", n)
	}
	s = newMFAStand(t, newWorld(t))
	s.Append(".aws/config", "[profile base]\nunderstudy_mfa_process = echo no such device >&2; exit 1\n")
	o := s.runWith(noTerminal, helperPath(), "actor")
	s.refused(o, 3, "actor")
	if !strings.Contains(o.Stderr, "no such device") {
		t.Errorf("%v", o)
	}
}

func TestTheLoginSurvivesTheDaemon(t *testing.T) {
	t.Parallel()
	s := newMFAStand(t, newWorld(t).withKeyring())
	s.logIn("123456")
	s.eventuallyStored(patience)
	s.Kill()
	s.served(s.runWith(noTerminal, helperPath(), "actor"))
	s.Append(".aws/config", "[profile second]\nunderstudy_role_arn = "+standRole+
		"\nunderstudy_source_profile = base\nrole_session_name = second\nendpoint_url = "+s.URL+"\n")
	s.served(s.runWith(noTerminal, helperPath(), "second"))
	if n := s.STS.Count("GetSessionToken"); n != 1 {
		t.Errorf("%d GetSessionToken: the login was asked for anew", n)
	}
}

// A real terminal: tmux, its keys and its screen.
func TestInTmuxAPersonTypesHerCode(t *testing.T) {
	t.Parallel()
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		skip(t, "no tmux; scripts/setup.sh gets it")
	}
	s := newMFAStand(t, newWorld(t))
	server := filepath.Join(s.Dir, "tmux")
	control := func(args ...string) outcome { return s.Run(append([]string{tmux, "-S", server}, args...)...) }
	out := filepath.Join(s.Dir, "answer")
	if o := control("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "20",
		fmt.Sprintf("%s actor >%s; sleep 60", helperPath(), out)); o.Status != 0 {
		t.Fatalf("%v", o)
	}
	t.Cleanup(func() { control("kill-server") })
	s.eventually("the question is on the screen", patience, func() bool {
		return strings.Contains(control("capture-pane", "-p").Stdout, question)
	})
	control("send-keys", "123456", "Enter")
	s.eventually("the helper has its answer", patience, func() bool {
		return strings.Contains(s.Run("cat", out).Stdout, `"AccessKeyId"`)
	})
	if screen := control("capture-pane", "-p").Stdout; !strings.Contains(screen, "123456") || strings.Contains(screen, "SecretAccessKey") {
		t.Errorf("the screen shows\n%s", screen)
	}
}

// What botocore alone cannot do: it would ask again for each new session.
func TestBoto3GoesOnUnderAnMFARoleBeyondTheEndOfItsSession(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a minute and a half")
	}
	s := newMFAStand(t, newWorld(t))
	python := s.python()
	s.logIn("123456")
	s.Understudy("forget", "actor")
	s.STS.Set(sandbox.Behaviour{Lifetime: 20*time.Minute + 10*time.Second, Skew: -4 * time.Minute})
	o := s.runWithin(3*patience, func(cmd *exec.Cmd) {
		noTerminal(cmd)
		cmd.Env = append(cmd.Env, "AWS_PROFILE=actor", "AWS_EC2_METADATA_DISABLED=true")
	}, python, client(t, "py/renew.py"), "95")
	if o.Status != 0 {
		t.Fatalf("the client noticed: %v", o)
	}
	if n := len(strings.Fields(o.Stdout)); n < 2 {
		t.Errorf("%d sessions within the run", n)
	}
	if n := s.STS.Count("GetSessionToken"); n != 1 {
		t.Errorf("%d codes were asked for", n)
	}
}

func TestAnotherRoleIsAnsweredAtOnceWhileAPersonIsAsked(t *testing.T) {
	s := newMFAStand(t, newWorld(t))
	s.STS.AddRole(sandbox.Role{ARN: standRole + "Other"})
	s.Append(".aws/config", "[profile plain]\naws_access_key_id = "+sandbox.Example().AccessKeyID+
		"\naws_secret_access_key = "+sandbox.Example().Secret.Reveal()+"\n")
	s.Append(".aws/config", strings.ReplaceAll(s.role("other", standRole+"Other", s.URL), "= base", "= plain"))
	s.served(s.Helper("other"))
	tty := s.atTerminal(helperPath(), "actor")
	tty.await(question)
	best := time.Hour
	for range 20 {
		o := s.Helper("other")
		s.served(o)
		best = min(best, o.Took)
	}
	if best > 5*time.Millisecond {
		t.Errorf("the quickest of 20 took %v", best)
	}
	tty.types("123456\n")
	s.served(tty.wait())
}
